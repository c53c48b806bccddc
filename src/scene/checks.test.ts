import { describe, expect, it } from "vitest";
import { ok } from "../base/result.ts";
import { CHECKS } from "../session/checks/registry.ts";
import type { DeclaredCheck } from "../session/document.ts";
import { type Asking, checkRow, declaredRows, freeRows } from "./checks.ts";

const session = (operation: number, outcome: "holds" | "breaks" = "holds"): Asking => ({
  operations: [
    { op: "wait", microseconds: 1, id: "first" },
    { op: "wait", microseconds: 1, id: "second" },
  ],
  place: { branch: 0, operation, event: null },
  check: () => ok({ outcome, summary: "1 page.", evidence: [] }),
});
const declared = (change: Partial<DeclaredCheck> = {}): DeclaredCheck => ({
  id: "mine",
  check: "unmapped-is-unreachable",
  at: "first",
  declared: "holds",
  ...change,
});
const rowAt = (operation: number, change: Partial<DeclaredCheck>, outcome: "holds" | "breaks") =>
  declaredRows([declared(change)], session(operation, outcome))[0];

describe("declared checks", () => {
  it("are asked at their own moment only", () => {
    expect(rowAt(0, {}, "holds")).toMatchObject({
      mark: "open",
      words: "declared to hold after operation 1",
      finding: null,
    });
    expect(rowAt(1, {}, "holds")).toMatchObject({ mark: "holds", words: "holds", at: 1 });
    expect(rowAt(2, { at: "end" }, "holds")?.mark).toBe("holds");
  });

  it("tell an outcome that was declared from one that was not", () => {
    expect(rowAt(1, { declared: "breaks" }, "breaks")?.mark).toBe("breaks as declared");
    expect(rowAt(1, {}, "breaks")).toMatchObject({
      mark: "breaks",
      words: "breaks, declared to hold",
    });
    expect(rowAt(1, { declared: "breaks" }, "holds")).toMatchObject({
      mark: "breaks",
      words: "holds, declared to break",
    });
  });

  it("stay open where the branch lacks their operation", () => {
    expect(rowAt(1, { at: "gone" }, "holds")?.words).toContain("this branch lacks");
  });
});

describe("free checks", () => {
  it("are those that need no argument", () => {
    const ids = freeRows(session(1)).map((row) => row.id);
    expect(ids).toContain("pasid-reaches-its-owner");
    expect(ids).not.toContain("reaches");
  });

  it("leave out what the document asks at this moment", () => {
    const ids = (operation: number) =>
      freeRows(session(operation), [declared()]).map((row) => row.id);
    expect(ids(1)).not.toContain("unmapped-is-unreachable");
    expect(ids(2)).toContain("unmapped-is-unreachable");
  });

  it("mark only hardware in red", () => {
    for (const row of freeRows(session(1, "breaks"))) {
      const kind = CHECKS.get(row.id)?.kind;
      expect(row.mark).toBe(kind === "hardware" ? "breaks" : "breaks as declared");
    }
  });

  it("are found by name, declared ones by id", () => {
    expect(checkRow("mine", [declared()], session(1))?.title).toBe(
      CHECKS.get("unmapped-is-unreachable")?.title,
    );
    expect(checkRow("pasid-reaches-its-owner", [], session(1))).not.toBeNull();
    expect(checkRow("nothing", [], session(1))).toBeNull();
  });
});
