// Checks at the present moment: those that the document declares, and those that can be asked of any machine.
import { CHECKS } from "../session/checks/registry.ts";
import type { Check } from "../session/checks/types.ts";
import type { DeclaredCheck } from "../session/document.ts";
import type { CheckArguments, Finding } from "../session/findings.ts";
import { AT_END } from "../session/scenario.ts";
import type { SessionPort } from "../session/types.ts";

/** How an outcome is marked; the words of section 3 of the visual design. */
export type CheckMark = "holds" | "breaks" | "breaks as declared" | "open";

export interface CheckRow {
  /** Id of a declared check, or the name of a free one. */
  readonly id: string;
  readonly title: string;
  readonly asks: string;
  readonly kind: Check["kind"];
  readonly mark: CheckMark;
  /** "holds", "breaks, as declared", "declared to hold after operation 12". */
  readonly words: string;
  readonly because: string;
  /** Null: not asked here. */
  readonly finding: Finding | null;
  /** Operations after which it is asked; null: at any moment. */
  readonly at: number | null;
}

/** What a free check may be asked without: these arguments have a use when absent. */
const OPTIONAL: ReadonlySet<string> = new Set(["most", "module", "symbol"]);

const isFree = (check: Check): boolean => check.takes.every((name) => OPTIONAL.has(name));

export type Asking = Pick<SessionPort, "operations" | "place" | "check">;

/** In the document's order. */
export const declaredRows = (
  declared: readonly DeclaredCheck[],
  session: Asking,
): readonly CheckRow[] => declared.map((one) => declaredRow(one, session));

/** Every check that needs no argument, hardware checks first; without those that the document asks here in the same way. */
export function freeRows(
  session: Asking,
  declared: readonly DeclaredCheck[] = [],
): readonly CheckRow[] {
  const asked = new Set(
    declared.flatMap((one) =>
      isNow(momentOf(one, session), session) && one.arguments === undefined ? [one.check] : [],
    ),
  );
  return [...CHECKS.values()]
    .filter((check) => isFree(check) && !asked.has(check.id))
    .map((check) => freeRow(check, session));
}

const isNow = (at: number | null, { place }: Asking): boolean =>
  at !== null && place.operation === at && place.event === null;

/** The row with this id; null when there is no such check. */
export function checkRow(
  id: string,
  declared: readonly DeclaredCheck[],
  session: Asking,
): CheckRow | null {
  const one = declared.find((check) => check.id === id);
  if (one) return declaredRow(one, session);
  const check = CHECKS.get(id);
  return check && isFree(check) ? freeRow(check, session) : null;
}

/** Operations that have run when a declared check is asked; null: the document has no such operation. */
function momentOf({ at }: DeclaredCheck, { operations }: Asking): number | null {
  if (at === AT_END) return operations.length;
  const index = operations.findIndex((operation) => operation.id === at);
  return index < 0 ? null : index + 1;
}

function declaredRow(one: DeclaredCheck, session: Asking): CheckRow {
  const check = CHECKS.get(one.check);
  const at = momentOf(one, session);
  const row = {
    id: one.id,
    title: check?.title ?? one.check,
    asks: check?.asks ?? "There is no check of this name.",
    kind: check?.kind ?? "hardware",
    because: one.because ?? "",
    at,
  } as const;
  if (!isNow(at, session)) {
    const expected = one.declared === "holds" ? "hold" : "break";
    const when =
      at === null ? "after an operation that this branch lacks" : `after operation ${at}`;
    return { ...row, mark: "open", words: `declared to ${expected} ${when}`, finding: null };
  }
  const finding = ask(session, one.check, one.arguments);
  return { ...row, ...judgeDeclared(finding, one.declared), finding };
}

export function judgeDeclared(
  { outcome }: Finding,
  declared: "holds" | "breaks",
): { readonly mark: CheckMark; readonly words: string } {
  if (outcome === declared) {
    return outcome === "holds"
      ? { mark: "holds", words: "holds" }
      : { mark: "breaks as declared", words: "breaks, as declared" };
  }
  return outcome === "breaks"
    ? { mark: "breaks", words: "breaks, declared to hold" }
    : { mark: "breaks", words: "holds, declared to break" };
}

function freeRow(check: Check, session: Asking): CheckRow {
  const finding = ask(session, check.id);
  const { outcome } = finding;
  // What a review counts is no fault of the machine: only hardware checks that break are marked as wrong.
  const broken = check.kind === "hardware" ? "breaks" : "breaks as declared";
  return {
    id: check.id,
    title: check.title,
    asks: check.asks,
    kind: check.kind,
    mark: outcome === "holds" ? "holds" : broken,
    words: outcome,
    because: "",
    finding,
    at: null,
  };
}

function ask(session: Asking, id: string, args?: CheckArguments): Finding {
  const asked = session.check(id, args);
  return asked.ok
    ? asked.value
    : { outcome: "breaks", summary: `${asked.problem.message}`, evidence: [] };
}
