// How a scenario file is laid out: known keys in one order, one operation, fault and check a line, the rest indented.

/** Order of keys wherever they stand; others follow in order of name. */
const ORDER = [
  ...["format", "version", "id", "title", "summary", "machine", "design", "seed"],
  ...["platform", "commandLine", "modules", "processes", "haw", "unit", "cap", "ecap", "caches"],
  ...["question", "assumptions", "chapters", "steps"],
  ...["op", "operation", "point", "ordinal", "actor", "process", "want", "demand", "call", "fd"],
  ...["request", "argument", "flags", "vaddr", "parent", "type", "uuid", "module", "parameters"],
  ...["name", "requester", "pasid", "access", "address", "kind", "vendor", "device", "class"],
  ...["driver", "from", "to", "iova", "page", "pages", "devices", "start", "length", "end"],
  ...["offset", "size", "value", "more", "schedule", "as"],
  ...["check", "arguments", "at", "declared", "because"],
  ...["operations", "caption", "where", "says", "sources", "labelled", "view", "counts"],
  ...["memory", "functions", "reserved", "faults", "checks", "walkthrough"],
] as const;
const RANK = new Map<string, number>(ORDER.map((key, index) => [key, index]));

/** Lists of which each item takes a line. */
const LINES = new Set([
  ...["operations", "faults", "checks", "sources", "assumptions"],
  ...["memory", "functions", "reserved", "processes"],
]);

const rank = (key: string): number => RANK.get(key) ?? ORDER.length;

const keysOf = (value: object): string[] =>
  Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));

/** One line: `{ "id": "boot", "op": "wait", "microseconds": 10 }`. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const record = value as Readonly<Record<string, unknown>>;
  const fields = keysOf(record)
    .filter((key) => record[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}: ${inline(record[key])}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function indented(value: unknown, key: string, indent: string): string {
  const within = `${indent}  `;
  if (Array.isArray(value)) {
    const texts = value.every((item) => typeof item === "string");
    if (value.length === 0 || (texts && key !== "assumptions")) return inline(value);
    const items = value.map((item) => (LINES.has(key) ? inline(item) : indented(item, "", within)));
    return `[\n${items.map((item) => within + item).join(",\n")}\n${indent}]`;
  }
  if (value === null || typeof value !== "object" || key === "view") return inline(value);
  const record = value as Readonly<Record<string, unknown>>;
  const fields = keysOf(record)
    .filter((name) => record[name] !== undefined)
    .map((name) => `${within}${JSON.stringify(name)}: ${indented(record[name], name, within)}`);
  return fields.length === 0 ? "{}" : `{\n${fields.join(",\n")}\n${indent}}`;
}

/** The whole file, with a line feed at its end. */
export const layOut = (file: object): string => `${indented(file, "", "")}\n`;
