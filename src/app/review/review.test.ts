// Opening, stepping, recording and linking of documents on a kernel, on the page's own store.
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { LinkState } from "../../interchange/link-form.ts";
import { scenarioFrom, writeScenario } from "../../interchange/scenario.ts";
import { stepsOf } from "../../session/scenario.ts";
import { SHIPPED } from "../../walkthroughs/shipped.ts";
import { plainText, stepPlace, stepPlaces } from "./steps.ts";

vi.mock("../Workspace.tsx", () => ({}));

const listeners = new Set<(event: unknown) => void>();
vi.stubGlobal("location", { hash: "" });
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined }));
vi.stubGlobal("window", {
  addEventListener: (_kind: string, listener: (event: unknown) => void) => listeners.add(listener),
  removeEventListener: (_kind: string, listener: (event: unknown) => void) =>
    listeners.delete(listener),
});

const ID = "who-tells-the-iommu";
const read = scenarioFrom(ID, await SHIPPED.get(ID)?.load());
if (!read.ok) throw new Error(read.problem.message);
const walkthrough = read.value;

const { appStore, actions } = await import("../store.ts");
const { openPreset, openScenarioText, openShipped } = await import("./open.ts");
const { recording } = await import("./record.ts");
const { restoreScenario, scenarioLink } = await import("./scenario-link.ts");
const { goToNext, stepBy } = await import("./travel.ts");
const state = () => appStore.getState();

describe("places of steps", () => {
  it("follow each other, each ending where the next begins", () => {
    const places = stepPlaces(walkthrough);
    expect(places.map(({ step }) => step.id)).toEqual(stepsOf(walkthrough).map(({ id }) => id));
    for (const [index, { from, operation }] of places.entries()) {
      expect(from).toBe(places[index - 1]?.operation ?? 0);
      expect(operation).toBeGreaterThanOrEqual(from);
    }
    expect(places.at(-1)?.operation).toBe(walkthrough.operations.length);
    expect(stepPlace(walkthrough, "nowhere")).toBeUndefined();
    expect(plainText("a `b` c")).toBe("a b c");
  });
});

describe("a document that is open", () => {
  beforeAll(async () => {
    expect(await openShipped(ID)).toBe(true);
  });

  it("begins at its first step, with every check asked", () => {
    expect(state().step).toBe(stepsOf(walkthrough)[0]?.id);
    expect([...state().played.keys()].sort()).toEqual(
      walkthrough.checks.map(({ id }) => id).sort(),
    );
    expect(state().opening).toBeNull();
  });

  it("is stepped through, and says where it ends", () => {
    stepBy(-1);
    expect(state().said).toContain("This is the first step.");
    stepBy(1);
    expect(state().step).toBe(stepsOf(walkthrough)[1]?.id);
  });

  it("goes to the next system call and fault, inside the operation", () => {
    actions.showStep(stepsOf(walkthrough)[0]?.id ?? "");
    for (const [kind, event] of [
      ["call", "system call"],
      ["fault", "refused"],
    ] as const) {
      goToNext(kind);
      const { operation, event: at } = state().session?.place ?? { operation: -1, event: null };
      const events = state().session?.moments[operation]?.events ?? [];
      expect(events[(at ?? 0) - 1]?.kind).toBe(event);
    }
    for (let more = 0; more < 200 && !state().said.includes("No fault"); more++) goToNext("fault");
    expect(state().said).toContain("No fault follows");
  });

  it("is linked by its id until it is changed, then as a whole", async () => {
    await openShipped(ID);
    expect(scenarioLink(state())?.machine).toEqual({ kind: "scenario", id: ID, text: null });
    const { session } = state();
    session?.seek({ branch: 0, operation: walkthrough.operations.length, event: null });
    session?.run({ op: "wait", microseconds: 5 });
    const linked = scenarioLink(state());
    const recorded = recording();
    if (!linked || !recorded) throw new Error("nothing was recorded");
    expect(recorded.operations).toHaveLength(walkthrough.operations.length + 1);
    expect(recorded.operations.at(-1)?.id).toBe("operation-1");
    expect(linked.machine).toMatchObject({ text: writeScenario(recorded) });

    const { view, at, profile } = { ...state(), profile: "spec" as const };
    const link: LinkState = { ...linked, profile, operations: [], view: { ...view, at } };
    if (link.machine.kind !== "scenario") throw new Error("no scenario");
    await restoreScenario(link.machine, link);
    expect(state().trouble).toBeNull();
    expect(state().session?.digest()).toBe(linked.moment?.digest);
    const other = { operation: 0, event: null, step: null, digest: "0" };
    await restoreScenario(link.machine, { ...link, moment: other });
    expect(state().trouble).toContain("The replay differs");
  });
});

describe("what cannot be opened", () => {
  it("leaves what is open as it is, and says why", async () => {
    await openPreset("server");
    const { session } = state();
    const digest = session?.digest();
    expect(await openScenarioText("bad.json", '{"format":')).toBe(false);
    expect(state().trouble).toContain("bad.json");
    expect(await openShipped("nothing")).toBe(false);
    expect(await openPreset("nothing")).toBe(false);
    expect(state().session).toBe(session);
    expect(session?.digest()).toBe(digest);
  });

  const long = () => {
    const operations = Array.from({ length: 60_000 }, (_, index) => ({
      id: `w${index}`,
      op: "wait" as const,
      microseconds: 1000,
    }));
    const { walkthrough: _, ...rest } = walkthrough;
    return writeScenario({ ...rest, id: "long", checks: [], operations });
  };

  it("is stopped by Escape or by something newer, in its middle", async () => {
    await openPreset("server");
    const { session } = state();
    const stopped = openScenarioText("long.json", long());
    await expect.poll(() => state().opening?.what).toMatch(/^operation \d+ of 60000$/);
    for (const listener of listeners) listener({ key: "Escape", preventDefault: () => undefined });
    expect(await stopped).toBe(false);
    expect(state().said).toContain("Stopped");
    expect(state()).toMatchObject({ session, opening: null });
    expect(listeners.size).toBe(0);

    const older = openScenarioText("long.json", long());
    await expect.poll(() => state().opening?.what).toMatch(/^operation/);
    expect(await openPreset("desk")).toBe(true);
    expect(await older).toBe(false);
    expect(state().scenario?.id).toBe("sandbox-desk");
  });
});
