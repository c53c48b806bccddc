// Everything that is drawn of a run comes from its trace: take an event away, and what it drew is gone.
import { expect, test } from "vitest";
import { describeProblem, type Result } from "../../base/result.ts";
import { scenarioFrom } from "../../interchange/scenario.ts";
import { callForest } from "../../scene/calls.ts";
import { journeyOf } from "../../scene/journey.ts";
import { deltaOf } from "../../scene/step-delta.ts";
import { timeline } from "../../scene/timeline.ts";
import { hardwareEvents } from "../../session/event-kinds.ts";
import { Session } from "../../session/session.ts";
import type { Moment, SessionEvent } from "../../session/types.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";

/** Where a function is found in the trace is no picture: it moves with every event before it. */
const POSITIONS: ReadonlySet<string> = new Set(["id", "from", "to"]);

const asText = (drawn: unknown, without: ReadonlySet<string> = new Set()): string =>
  JSON.stringify(drawn, (key, value: unknown) =>
    without.has(key) ? undefined : typeof value === "bigint" ? `${value}` : value,
  );

/** What timeline, call tree, stage and step say of one operation, without places in pixels. */
function pictureOf(moment: Moment): string {
  const lanes = timeline({
    moments: [moment],
    place: { branch: 0, operation: 1, event: null },
    first: 0,
    count: 1,
    width: 1000,
    hueOf: () => 1,
  }).rows.map(({ lane, count, labels }) => ({ lane, count, labels: labels.map((l) => l.text) }));
  const journey = journeyOf(hardwareEvents(moment.events), true);
  return `${asText(callForest(moment.events), POSITIONS)} ${asText([lanes, journey, deltaOf([moment])])}`;
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(describeProblem(result.problem));
  return result.value;
}

async function playedMoments(id: string): Promise<readonly Moment[]> {
  const value = await SHIPPED.get(id)?.load();
  const scenario = unwrap(scenarioFrom(id, value));
  const session = unwrap(Session.openScenario(scenario));
  for (const operation of scenario.operations) unwrap(session.run(operation));
  return session.moments;
}

const walkthrough = playedMoments("who-tells-the-iommu");

const withoutEvent = (moment: Moment, at: number): Moment => ({
  ...moment,
  events: moment.events.filter((_, index) => index !== at),
});

/** Told by the list of events alone: a miss draws nothing, and an interrupt is drawn where the kernel handles it. */
const isListedOnly = (event: SessionEvent): boolean =>
  (event.kind === "lookup" && event.slot === null) ||
  ["interrupt", "unit event", "message"].includes(event.kind);

test("each event of a request draws something that is gone without it", async () => {
  const moments = await walkthrough;
  const requests = moments.filter(({ operation }) => operation.op === "dma");
  expect(requests.length).toBeGreaterThan(3);
  for (const moment of requests) {
    const whole = pictureOf(moment);
    const changesNothing = moment.events.filter(
      (_, at) => pictureOf(withoutEvent(moment, at)) === whole,
    );
    expect(changesNothing, moment.operation.id).toEqual(moment.events.filter(isListedOnly));
  }
});

/** What a kernel does, with a picture of its own. */
const KERNEL_KINDS: readonly SessionEvent["kind"][] = [
  "system call",
  "system call returned",
  "enter",
  "leave",
  "special case",
  "symbol lookup",
  "store",
  "register write",
  "configuration write",
  "device register write",
  "descriptor",
  "log",
  "timer",
  "interrupt handled",
  "injected fault",
];

test.each(KERNEL_KINDS)("without a %s the picture of the operation is another", async (kind) => {
  const moments = await walkthrough;
  const moment = moments.find(({ events }) => events.some((event) => event.kind === kind));
  if (!moment) throw new Error(`The walkthrough has no ${kind}.`);
  const at = moment.events.findIndex((event) => event.kind === kind);
  expect(pictureOf(withoutEvent(moment, at))).not.toBe(pictureOf(moment));
});

test("a system call that is taken away takes its lane and its tree along", async () => {
  const [moment] = await walkthrough;
  if (!moment) throw new Error("The walkthrough has no operation.");
  const calls = (one: Moment) =>
    callForest(one.events).filter(({ kind }) => kind === "system call").length;
  const at = moment.events.findIndex(({ kind }) => kind === "system call");
  expect(calls(withoutEvent(moment, at))).toBe(calls(moment) - 1);
  expect(callForest([])).toEqual([]);
  expect(journeyOf([], true)).toBeNull();
});
