// A valibot form as JSON Schema (draft 2020-12), so that editors know what the reader knows. What only code can say is left out.
import type * as v from "valibot";
import { choicesOf } from "../interchange/scenario-parts.ts";

type JsonSchema = { readonly [key: string]: unknown };

interface Node {
  readonly kind: string;
  readonly type: string;
  readonly [key: string]: unknown;
}

const node = (schema: unknown): Node => schema as Node;

/** The JSON Schema of a form. Throws for a form that it does not know: that is a gap of this file. */
export function jsonSchemaOf(form: v.GenericSchema, head: JsonSchema): JsonSchema {
  return { ...head, ...ofSchema(node(form)) };
}

function ofSchema(schema: Node): JsonSchema {
  const pipe = schema["pipe"] as readonly Node[] | undefined;
  if (!pipe) return ofType(schema);
  const [first, ...actions] = pipe;
  if (!first) throw new Error("a pipe without a schema");
  // A pipe may begin with a pipe, and may say the same kind of thing twice.
  const parts: JsonSchema[] = [];
  let found = ofSchema(first);
  for (const action of actions) {
    const said = ofAction(action, found["type"] === "array" ? "Items" : "Length");
    if (Object.keys(said).some((key) => key in found)) {
      if (said["type"] === undefined) parts.push(said);
      else found = { ...found, ...said };
    } else found = { ...found, ...said };
  }
  return parts.length === 0 ? found : { ...found, allOf: parts };
}

function ofType(schema: Node): JsonSchema {
  const choices = choicesOf(schema);
  if (choices) return { anyOf: choices.map((one) => ofSchema(node(one))) };
  switch (schema.type) {
    case "string":
    case "number":
    case "boolean":
    case "null":
      return { type: schema.type };
    case "literal":
      return { const: schema["literal"] };
    case "picklist":
      return { enum: schema["options"] };
    case "nullable":
      return { anyOf: [ofSchema(node(schema["wrapped"])), { type: "null" }] };
    case "exact_optional":
      return ofSchema(node(schema["wrapped"]));
    case "array":
      return { type: "array", items: ofSchema(node(schema["item"])) };
    case "variant":
      return { oneOf: (schema["options"] as readonly unknown[]).map((one) => ofSchema(node(one))) };
    case "record":
      return {
        type: "object",
        propertyNames: ofSchema(node(schema["key"])),
        additionalProperties: ofSchema(node(schema["value"])),
      };
    case "strict_object":
      return ofObject(schema["entries"] as Readonly<Record<string, unknown>>);
    default:
      throw new Error(`no JSON Schema for ${schema.type}`);
  }
}

function ofObject(entries: Readonly<Record<string, unknown>>): JsonSchema {
  const fields = Object.entries(entries).map(([key, entry]) => [key, node(entry)] as const);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(([key, entry]) => [key, ofSchema(entry)])),
    required: fields.filter(([, entry]) => entry.type !== "exact_optional").map(([key]) => key),
    additionalProperties: false,
  };
}

function ofAction(action: Node, unit: "Items" | "Length"): JsonSchema {
  const requirement = action["requirement"];
  switch (action.type) {
    case "regex": {
      const { source, flags } = requirement as RegExp;
      // JSON Schema knows no flags: both cases are written out.
      return { pattern: flags.includes("i") ? bothCases(source) : source };
    }
    case "min_length":
      return { [`min${unit}`]: requirement };
    case "max_length":
      return { [`max${unit}`]: requirement };
    case "integer":
      return { type: "integer" };
    case "min_value":
      return { minimum: requirement };
    case "max_value":
      return { maximum: requirement };
    case "multiple_of":
      return { multipleOf: requirement };
    case "check":
      return {};
    default:
      throw new Error(`no JSON Schema for the action ${action.type}`);
  }
}

const bothCases = (source: string): string => source.replaceAll("a-f", "a-fA-F");
