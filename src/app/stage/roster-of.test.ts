import { expect, test } from "vitest";
import { fixtureSurvey, range, space } from "../../scene/scene-fixture.ts";
import type { Operation, SessionPort, Survey } from "../../session/types.ts";
import { rosterOf } from "./roster-of.ts";

/** A session whose surveys are given: the first before any operation, one more after each. */
class Told {
  operations: Operation[] = [];
  private undone: Operation[] = [];
  private readonly surveys: readonly Survey[];
  constructor(surveys: readonly Survey[], done = 0) {
    this.surveys = surveys;
    for (let i = 0; i < done; i++) this.run();
  }
  run(): void {
    this.undone = [];
    const value = BigInt(this.operations.length);
    this.operations = [...this.operations, { op: "edit", address: 0n as never, value }];
  }
  undo(): void {
    const last = this.operations.at(-1);
    if (last) this.undone.push(last);
    this.operations = this.operations.slice(0, -1);
  }
  redo(): void {
    const next = this.undone.pop();
    if (next) this.operations = [...this.operations, next];
  }
  survey(): Survey {
    return this.surveys[this.operations.length] as Survey;
  }
}

const start = fixtureSurvey();
const late = space(0x1_4000_0000n, 9, [range(0n, 4096n, 0n)], []);
const later = space(0x1_0000_0000n, 3, [range(0n, 4096n, 0n)], []);
const surveys: Survey[] = [
  start,
  { ...start, spaces: [...start.spaces, late] },
  // The late one has gone again when the next one comes, in front of all.
  { ...start, spaces: [later, ...start.spaces] },
];
const told = (done = 0) => new Told(surveys, done) as unknown as SessionPort & Told;
const wanted = [...start.spaces.map((one) => one.id), late.id, later.id];

test("a live session and a link give the same order", () => {
  const live = told();
  rosterOf(live);
  live.run();
  rosterOf(live);
  live.run();
  expect(rosterOf(live).spaces).toEqual(wanted);
  const link = told(2);
  expect(rosterOf(link).spaces).toEqual(wanted);
  expect(link.operations).toHaveLength(2);
});

test("undo takes back who came, another operation starts from there", () => {
  const live = told();
  rosterOf(live);
  live.run();
  expect(rosterOf(live).spaces).toContain(late.id);
  live.undo();
  expect(rosterOf(live).spaces).not.toContain(late.id);
  live.redo();
  expect(rosterOf(live).spaces).toContain(late.id);
});

test("the same answer is the same object", () => {
  const live = told();
  expect(rosterOf(live)).toBe(rosterOf(live));
});
