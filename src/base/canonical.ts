// One text for one value: keys in order, wide numbers as "0x...". Digests and comparisons are made of it.

/** Canonical JSON of plain records, arrays, texts, numbers and bigints. Fields without a value are left out. */
export function canonical(value: unknown): string {
  if (typeof value === "bigint") return `"0x${value.toString(16)}"`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const record = value as Readonly<Record<string, unknown>>;
  const fields: string[] = [];
  for (const key of Object.keys(record).sort()) {
    const field = record[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonical(field)}`);
  }
  return `{${fields.join(",")}}`;
}
