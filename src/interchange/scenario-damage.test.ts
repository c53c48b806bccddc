// Damaged texts of scenario files, of walkthrough files, and of links that carry them: refused with place and reason, or played to an end.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Result } from "../base/result.ts";
import { playScenario } from "../session/play.ts";
import type { Scenario } from "../session/scenario.ts";
import { nodePacker } from "../testing/link-packer.ts";
import { DAMAGED, damagedText, expectAnswer } from "../testing/mutations.ts";
import { SHIPPED } from "../walkthroughs/shipped.ts";
import { decodeLink, encodeLink } from "./link.ts";
import type { LinkState } from "./link-form.ts";
import { EXAMPLE } from "./scenario.fixture.ts";
import { readScenario, scenarioFrom, writeScenario } from "./scenario.ts";

const LIMIT = 1_800_000;

const texts: string[] = [];
const walkthroughs: string[] = [];
for (const [id, { load }] of SHIPPED) {
  const read = scenarioFrom(id, await load());
  if (!read.ok) throw new Error(read.problem.message);
  (read.value.walkthrough ? walkthroughs : texts).push(writeScenario(read.value));
}
walkthroughs.push(JSON.stringify(EXAMPLE));

/** Another digit or another letter: what mostly still is a file. */
const otherLetter = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdefx$-"'))
    .map(([at, letter]) => text.slice(0, at) + letter + text.slice(at + 1));

const spoiled = (all: readonly string[]): fc.Arbitrary<string> =>
  fc
    .constantFrom(...all)
    .chain((text) => fc.oneof(damagedText(text), otherLetter(text), otherLetter(text)));

/** Nothing of the file was let through to the engine's own names. */
const untouched = () => expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();

async function playedOrRefused(read: () => Result<Scenario>): Promise<boolean> {
  const found = await expectAnswer(read);
  untouched();
  if (!found.ok) {
    // What is no object at all, such as "null", is wrong as a whole: it has no place inside.
    if (found.problem.place === "") expect(found.problem.message).toMatch(/^expected an object/);
    return false;
  }
  await expectAnswer(() => playScenario(found.value));
  return true;
}

describe(`of ${DAMAGED} damaged documents each is refused with place and reason, or plays to an end`, () => {
  it.each([
    ["scenario", texts],
    ["walkthrough", walkthroughs],
  ] as const)("as the text of a %s file", { timeout: LIMIT }, async (_kind, all) => {
    let played = 0;
    await fc.assert(
      fc.asyncProperty(spoiled(all), async (text) => {
        if (await playedOrRefused(() => readScenario("damaged.json", text))) played++;
      }),
      { numRuns: DAMAGED },
    );
    expect(played).toBeGreaterThan(DAMAGED / 50);
    expect(played).toBeLessThan(DAMAGED * 0.9);
  });

  it("as a link", { timeout: LIMIT }, async () => {
    const all = [...texts, ...walkthroughs];
    const moments = fc.record({
      operation: fc.nat(300),
      event: fc.option(fc.nat(5000)),
      step: fc.option(fc.string({ maxLength: 100 })),
      digest: fc.constant("0"),
    });
    const documents = fc.oneof(fc.constant(null), fc.constantFrom(...all), spoiled(all));
    // Damage to the document inside, to the JSON around it, or to the characters of the link.
    const where = fc.constantFrom("document", "json", "link");
    let decoded = 0;
    let played = 0;
    await fc.assert(
      fc.asyncProperty(documents, moments, where, fc.gen(), async (text, moment, place, gen) => {
        const whole = await encodeLink(linkTo(text, moment), nodePacker);
        if (!whole.ok) return;
        let fragment = whole.value;
        if (place === "link") fragment = gen(() => damagedText(fragment));
        if (place === "json") {
          const packed = Buffer.from(fragment.slice(2), "base64url");
          const json = Buffer.from(await nodePacker.unpack(packed, 2 ** 20)).toString("latin1");
          const bytes = Buffer.from(gen(() => damagedText(json)));
          fragment = `1.${Buffer.from(await nodePacker.pack(bytes)).toString("base64url")}`;
        }
        const link = await expectAnswer(() => decodeLink(fragment, nodePacker));
        untouched();
        if (!link.ok || link.value.machine.kind !== "scenario") return;
        decoded++;
        const { text: inside } = link.value.machine;
        if (inside === null) return;
        const found = await expectAnswer(() => readScenario("link", inside));
        if (!found.ok) return;
        played++;
        await expectAnswer(() => playScenario(found.value));
      }),
      { numRuns: DAMAGED },
    );
    expect(decoded).toBeGreaterThan(DAMAGED / 10);
    expect(played).toBeGreaterThan(DAMAGED / 50);
  });
});

const linkTo = (text: string | null, moment: LinkState["moment"]): LinkState =>
  ({
    machine: { kind: "scenario", id: "mdev-errors", text },
    moment,
    profile: "spec",
    operations: [],
    view: {
      selection: null,
      hop: null,
      foot: "timeline",
      memoryAt: 0n,
      draft: { requester: "", pasid: "", address: "", access: "read" },
      at: null,
    },
  }) as unknown as LinkState;
