// Small parts of the scenario form: texts, ids, numbers, and choices by the kind of a value. The JSON Schema is made of them too.
import * as v from "valibot";
import { WORLD_STREAM_LIMIT } from "../session/operations.ts";

/** What a file may ask for; beyond it nothing is opened. Docs: docs/scenario-format.md, "Limits". */
export const SCENARIO_LIMITS = {
  bytes: 16 * 2 ** 20,
  nesting: 32,
  operations: 100_000,
  /** Of one wait, and of all together, in microseconds. */
  wait: 3_600_000_000,
  waits: 86_400_000_000,
  /** Requests of devices, streams counted in full, those of one stream, and bytes moved by them and by work queues. */
  requests: 1_000_000,
  stream: WORLD_STREAM_LIMIT,
  moved: 64 * 2 ** 20,
  /** Pages of VMs and mappings, all together. */
  pages: 1_000_000,
  /** Demands and calls that run at the same time. */
  together: 16,
  captionWords: 40,
} as const;

/** Choices by the kind of the value: a lazy schema that says which ones it chooses from. */
const CHOICES = new WeakMap<object, readonly v.GenericSchema[]>();

export const choicesOf = (schema: object): readonly v.GenericSchema[] | undefined =>
  CHOICES.get(schema);

/** Texts are read by `text`, everything else by `other`: so a problem is told by the form that was meant. */
export function textOr<T extends v.GenericSchema, O extends v.GenericSchema>(text: T, other: O) {
  const schema = v.lazy((input): T | O => (typeof input === "string" ? text : other));
  CHOICES.set(schema, [text, other]);
  return schema;
}

/** The form for the kind of value that stands there; `otherwise` for all other kinds. */
export function byKind<const S extends readonly v.GenericSchema[]>(
  forms: S,
  choose: (input: unknown) => S[number],
): v.LazySchema<S[number]> {
  const schema = v.lazy(choose);
  CHOICES.set(schema, forms);
  return schema;
}

export const text = (longest: number) =>
  v.pipe(
    v.string(),
    v.minLength(1, "expected a text that is not empty"),
    v.maxLength(longest, `expected at most ${longest} characters`),
  );

/** `longest` words at most, and no longer than such words are. */
export const words = (longest: number) =>
  v.pipe(
    text(longest * 12),
    v.check((given: string) => wordCount(given) <= longest, `expected at most ${longest} words`),
  );

export const wordCount = (given: string): number =>
  given.split(/\s+/).filter((word) => word !== "").length;

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const id = v.pipe(
  v.string(),
  v.regex(ID, "expected lower-case words with hyphens"),
  v.maxLength(80, "expected at most 80 characters"),
);

/** An integer from `low` to `high`. */
export const whole = (low: number, high: number) => {
  const message = `expected an integer from ${low} to ${high}`;
  return v.pipe(
    v.number(),
    v.integer(message),
    v.minValue(low, message),
    v.maxValue(high, message),
  );
};

/** `"0x1f"`, kept as text; at most so many bits. */
export const hexText = (bits = 64) =>
  v.pipe(
    v.string(),
    v.regex(/^0x[0-9a-f]{1,16}$/i, 'expected a number like "0x1f"'),
    v.check((given: string) => fits(given, bits), `expected a number of at most ${bits} bits`),
  );

const fits = (given: string, bits: number): boolean =>
  !/^0x[0-9a-f]{1,16}$/i.test(given) || BigInt(given) >> BigInt(bits) === 0n;

/** Hex text of whole pages. */
export const pageText = (bits = 52) =>
  v.pipe(
    hexText(bits),
    v.regex(/^0x(?:0+|[0-9a-f]*000)$/i, "expected a multiple of 4096 (0x1000)"),
  );

/** Bytes as pairs of hex digits, lowest address first. */
export const bytesText = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(2 * most, `expected at most ${most} bytes`),
    v.regex(/^(?:[0-9a-f]{2})*$/i, "expected bytes in hexadecimal"),
  );

export const pciText = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/i, 'expected a PCI address like "6a:01.0"'),
);

export const list = <S extends v.GenericSchema>(item: S, most: number) =>
  v.pipe(v.array(item), v.maxLength(most, `expected at most ${most} items`));

/** Name of a result: `as` of an operation, `$name` where it is used. */
export const resultName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][\w.-]{0,59}$/, "expected a name of letters, digits, dots and hyphens"),
);

export const reference = v.pipe(
  v.string(),
  v.regex(/^\$[A-Za-z_][\w.-]{0,59}$/, "expected a number, or $ and the name of an earlier result"),
);
