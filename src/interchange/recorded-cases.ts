// Reader of recorded cases (`vtd-oracle-1`): a unit, its memory, operations on it, and what another implementation did.
// Kept close to the file: what is not known here is kept too, so that playing a case can fail on it.
import * as v from "valibot";
import { ok, problem, type Result } from "../base/result.ts";
import {
  type CaseOperation,
  type CaseStep,
  caseForm,
  dmaForm,
  expectedForm,
  fileForm,
  queueForm,
  quirkForm,
  type RecordedCase,
  type RefusedCase,
  registerReadForm,
  registerWriteForm,
  wordsForm,
} from "./case-form.ts";
import { parseJson, validate } from "./json.ts";

/** A file of cases. */
export interface RecordedCases {
  readonly cases: readonly RecordedCase[];
  /** Those that are no cases of the format. */
  readonly refused: readonly RefusedCase[];
}

/**
 * Reads a file of cases. A problem of the file as a whole is one of the file; a case that says what the format does not
 * allow is refused by itself, with the path to the first thing that is wrong, `cases[2].ops[0].sid`.
 */
export function readRecordedCases(source: string, text: string): Result<RecordedCases> {
  const parsed = parseJson(source, text);
  if (!parsed.ok) return parsed;
  const whole = validate(source, "", fileForm, parsed.value);
  if (!whole.ok) return whole;
  const cases: RecordedCase[] = [];
  const refused: RefusedCase[] = [];
  for (const [index, item] of whole.value.cases.entries()) {
    const one = readCase(source, `cases[${index}]`, item);
    if (one.ok) cases.push(one.value);
    else refused.push({ ...nameOf(item, index), problem: one.problem });
  }
  if (cases.length + refused.length === 0) {
    return problem(source, "cases", "there is no case in this file");
  }
  return ok({ cases, refused });
}

/** What a refused case says about itself, as far as it can be read. */
function nameOf(item: unknown, index: number): Omit<RefusedCase, "problem"> {
  const said = v.safeParse(
    v.object({
      id: v.fallback(v.string(), `cases[${index}]`),
      feature: v.fallback(v.string(), "refused"),
      ops: v.fallback(v.array(v.unknown()), []),
    }),
    { id: null, feature: null, ops: null, ...(typeof item === "object" ? item : {}) },
  );
  const { id, feature, ops } = said.success
    ? said.output
    : { id: `cases[${index}]`, feature: "refused", ops: [] };
  const steps = ops.filter((one) => v.is(v.looseObject({ expect: v.looseObject({}) }), one));
  return { id, feature, steps: Math.max(1, steps.length) };
}

function readCase(source: string, place: string, item: unknown): Result<RecordedCase> {
  const fields = validate(source, place, caseForm, item);
  if (!fields.ok) return fields;
  const { config, ops, final_mem: finalMem, profile, ...rest } = fields.value;
  const steps: CaseStep[] = [];
  for (const [index, operation] of ops.entries()) {
    const step = readStep(source, `${place}.ops[${index}]`, operation);
    if (!step.ok) return step;
    steps.push(step.value);
  }
  const { ver, cap, ecap, haw, rid_pasid: ridPasid } = config;
  return ok({
    ...rest,
    profile,
    config: { ver: Number(ver), cap, ecap, haw, ridPasid },
    steps,
    finalMem,
  });
}

function readStep(
  source: string,
  place: string,
  item: { readonly op: string; readonly expect?: unknown },
): Result<CaseStep> {
  const operation = readOperation(source, place, item);
  if (!operation.ok) return operation;
  if (item.expect === undefined || item.expect === null) {
    return ok({ operation: operation.value, expect: null });
  }
  const parts = validate(source, `${place}.expect`, expectedForm, item.expect);
  if (!parts.ok) return parts;
  const ignore = validate(source, `${place}.expect`, quirkForm, item.expect);
  if (!ignore.ok) return ignore;
  const unknown = Object.keys(item.expect).filter(
    (key) => key !== "quirk" && !Object.hasOwn(expectedForm.entries, key),
  );
  return ok({
    operation: operation.value,
    expect: { parts: parts.value, ignore: new Set(ignore.value.quirk?.ignore), unknown },
  });
}

function readOperation(
  source: string,
  place: string,
  item: { readonly op: string },
): Result<CaseOperation> {
  const read = <S extends v.GenericSchema>(
    schema: S,
    build: (fields: v.InferOutput<S>) => CaseOperation,
  ): Result<CaseOperation> => {
    const fields = validate(source, place, schema, item);
    return fields.ok ? ok(build(fields.value)) : fields;
  };
  switch (item.op) {
    case "dma":
      return read(dmaForm, (f) => ({
        op: "dma",
        device: f.dev,
        sid: f.sid,
        pasid: f.pasid,
        access: f.rw,
        iova: f.iova,
        length: f.len,
        data: f.data,
        privileged: f.priv === 1,
        execute: f.exec === 1,
        addressType: f.at,
      }));
    case "mem":
      return read(v.object({ writes: wordsForm }), ({ writes }) => ({ op: "mem", writes }));
    case "ack":
      return ok({ op: "ack" });
    case "inv":
      return read(queueForm, ({ iqa, desc, tail }) => ({
        op: "inv",
        iqa,
        descriptors: desc,
        tail,
      }));
    case "regw":
      return read(registerWriteForm, (write) => ({ op: "regw", ...write }));
    case "regr":
      return read(registerReadForm, ({ off, size }) => ({ op: "regr", offset: off, size }));
    default:
      return ok({ op: "unknown", name: item.op });
  }
}
