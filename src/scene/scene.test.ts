import { describe, expect, test } from "vitest";
import { hpa, pasid } from "../base/brand.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { extendSeen, NOBODY_SEEN } from "../session/first-seen.ts";
import type { Survey } from "../session/types.ts";
import { relatedTo } from "./edges.ts";
import { journeyOf } from "./journey.ts";
import { packetAt } from "./route.ts";
import { elementCount, type Scene, sceneOf } from "./scene.ts";
import {
  ACCELERATOR,
  bdf,
  fixtureEvents,
  fixtureInput,
  fixtureSurvey,
  range,
  refusedEvents,
  space,
} from "./scene-fixture.ts";
import type { Box, Item } from "./shapes.ts";
import { FACES, textWidth } from "./text.ts";

/** The picture as text: one line per thing, its box and what it says. */
function drawing(scene: Scene): string {
  const line = (item: Item) => {
    const { x, y, w, h } = item.box;
    const words = item.shapes.flatMap((shape) => (shape.kind === "text" ? [shape.text] : []));
    return `${item.id} [${x} ${y} ${w} ${h}] ${words.join(" | ")}`;
  };
  return [...scene.items.map(line), ...scene.edges.map((edge) => edge.id)].join("\n");
}

function textBoxes(item: Item): Box[] {
  return item.shapes.flatMap((shape) => {
    if (shape.kind !== "text") return [];
    const w = textWidth(shape.text, shape.style);
    const { size } = FACES[shape.style];
    const x =
      shape.anchor === "end" ? shape.x - w : shape.anchor === "middle" ? shape.x - w / 2 : shape.x;
    return [{ x, y: shape.y - size * 0.8, w, h: size }];
  });
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** `count` functions with a space each, as real machines have them. */
function crowd(count: number, mapped = 1): Survey {
  const requesters = Array.from({ length: count }, (_, at) => bdf("00:00.0") + at * 8);
  const spaces = requesters.map((requester, at) =>
    space(
      0x1000_0000n + BigInt(at) * 0x1000n,
      at + 2,
      at < mapped ? [range(0xfff0_0000n, 0x4000n, 0x2000_0000n + BigInt(at) * 0x4000n)] : [],
      [{ requester: requester as never, pasid: null }],
    ),
  );
  return {
    ...fixtureSurvey(),
    requesters: requesters.map((requester, at) => ({
      requester: requester as never,
      contextAddress: hpa(0x8000n + BigInt(at) * 32n),
      context: [0x1_0001n, 0n, 0n, 0n],
      entries: [
        {
          pasid: pasid(0),
          forRequestsWithoutPasid: true,
          address: hpa(0x9000n + BigInt(at) * 64n),
          stage: "second-stage",
          domain: (at + 2) as never,
          space: spaces[at]?.id ?? null,
          problem: null,
        },
      ],
      problem: null,
    })),
    spaces,
  };
}

test("the machine of the visual design", async () => {
  const journey = journeyOf(fixtureEvents(), true);
  await expect(`${drawing(sceneOf(fixtureInput({ journey })))}\n`).toMatchFileSnapshot(
    "golden/machine.txt",
  );
});

test("a refusal at the PASID table entry", async () => {
  const scene = sceneOf(fixtureInput({ journey: journeyOf(refusedEvents(), true) }));
  const verdict = scene.verdict?.item as Item;
  await expect(`${drawing({ ...scene, items: [verdict], edges: [] })}\n`).toMatchFileSnapshot(
    "golden/verdict.txt",
  );
  expect(scene.route?.cross).toEqual(scene.columns.unit.rail.get("row"));
});

describe("layout", () => {
  const sizes = [
    { width: 872, height: 632 },
    { width: 776, height: 450 },
    { width: 390, height: 500 },
    { width: 1240, height: 800 },
  ];
  const surveys = { machine: fixtureSurvey(), crowd: crowd(24, 9), many: crowd(200, 30) };
  for (const size of sizes) {
    for (const [name, survey] of Object.entries(surveys)) {
      const journey = name === "machine" ? journeyOf(refusedEvents(), true) : null;
      const scene = sceneOf(fixtureInput({ survey, size, journey }));
      const at = `${name} at ${size.width} x ${size.height}`;

      test(`${at}: no text leaves its box or meets another`, () => {
        for (const item of scene.items) {
          const boxes = textBoxes(item);
          for (const box of boxes) {
            expect(box.x, item.id).toBeGreaterThanOrEqual(item.box.x);
            expect(box.x + box.w, `${item.id} right`).toBeLessThanOrEqual(item.box.x + item.box.w);
            expect(box.y + box.h, `${item.id} bottom`).toBeLessThanOrEqual(item.box.y + item.box.h);
          }
          boxes.forEach((a, i) => {
            for (const b of boxes.slice(i + 1)) expect(overlap(a, b), item.id).toBe(false);
          });
        }
      });

      test(`${at}: targets do not overlap, cards stay in their columns`, () => {
        const targets = scene.items.filter((item) => item.target);
        targets.forEach((a, i) => {
          for (const b of targets.slice(i + 1)) {
            if (a.column !== b.column) expect(overlap(a.box, b.box), `${a.id} ${b.id}`).toBe(false);
          }
        });
        for (const item of scene.items) {
          expect(item.box.x + item.box.w).toBeLessThanOrEqual(scene.frame.width);
          expect(item.box.y + item.box.h).toBeLessThanOrEqual(scene.frame.height);
        }
      });

      test(`${at}: at most 500 elements`, () => {
        expect(elementCount(scene)).toBeLessThanOrEqual(500);
      });
    }
  }

  test("what is selected is always drawn", () => {
    const survey = crowd(200, 30);
    for (const at of [0, 77, 199]) {
      const one = survey.requesters[at];
      const scene = sceneOf(
        fixtureInput({
          survey,
          selection: { kind: "requester", requester: one?.requester as never },
        }),
      );
      expect(
        scene.items.some((item) => item.id === `function-${one?.requester.toString(16)}`),
      ).toBe(true);
      const wanted = survey.spaces[at]?.id as string;
      const spaces = sceneOf(fixtureInput({ survey, selection: { kind: "space", id: wanted } }));
      expect(spaces.items.some((item) => item.id === `space-${wanted}`)).toBe(true);
    }
  });

  test("what is left out is counted", () => {
    const scene = sceneOf(fixtureInput({ survey: crowd(200) }));
    const shown = scene.items.filter((item) => /^function-[0-9a-f]+$/.test(item.id)).length;
    const more = scene.items.find((item) => item.id === "functions-more");
    expect(more?.target?.label).toContain(`${200 - shown} more functions`);
  });
});

describe("order of the document", () => {
  test("owners stay when a space goes and comes back", () => {
    const before = fixtureSurvey();
    const roster = extendSeen(NOBODY_SEEN, before);
    const gone = { ...before, spaces: before.spaces.slice(1) };
    const later = extendSeen(roster, gone);
    expect(later).toBe(roster);
    const scene = sceneOf(fixtureInput({ survey: gone, roster: later }));
    expect(scene.cast.ownerOf(before.spaces[1]?.id ?? "")?.hue).toBe(2);
  });

  test("a newcomer goes to the end, wherever its number belongs", () => {
    const before = fixtureSurvey();
    const roster = extendSeen(NOBODY_SEEN, before);
    const early = {
      ...(before.requesters[0] as Survey["requesters"][0]),
      requester: bdf("00:02.0"),
    };
    const after = { ...before, requesters: [early, ...before.requesters] };
    const scene = sceneOf(fixtureInput({ survey: after, roster: extendSeen(roster, after) }));
    const order = scene.items
      .filter((item) => item.id.startsWith("function-"))
      .map((item) => item.id);
    expect(order).toEqual(["function-5e01", "function-6a08", "function-10"]);
  });
});

test("legacy mode has no PASID rows and no directory", () => {
  const base = fixtureSurvey();
  const survey: Survey = {
    ...base,
    mode: "legacy",
    requesters: base.requesters.map((one) => ({
      ...one,
      entries: one.entries.slice(0, 1).map((entry) => ({ ...entry, pasid: null })),
    })),
  };
  const ids = sceneOf(fixtureInput({ survey })).items.map((item) => item.id);
  expect(ids).toContain("table-entries");
  expect(ids).not.toContain("table-directory");
  expect(ids).not.toContain("cache-pasid");
});

test("a request of a function that no table names still has a place to leave from", () => {
  const events = refusedEvents().map((event) =>
    event.kind === "request" ? { ...event, requester: bdf("ff:1f.7") } : event,
  );
  const scene = sceneOf(fixtureInput({ journey: journeyOf(events, true) }));
  expect(scene.items.some((item) => item.id === "function-ffff")).toBe(true);
  expect(scene.route).not.toBeNull();
});

test("the packet never travels backwards", () => {
  const scene = sceneOf(fixtureInput({ journey: journeyOf(fixtureEvents(), true) }));
  const route = scene.route;
  expect(route).not.toBeNull();
  if (!route) return;
  const xs = Array.from({ length: 252 }, (_, at) => packetAt(route, at * 10)?.x ?? 0);
  xs.forEach((x, at) => {
    // Standing beside the number of a hop moves it by less than its own width.
    expect(x).toBeGreaterThan(Math.max(...xs.slice(0, at), 0) - 28);
  });
  expect(xs.at(-1)).toBeGreaterThan(scene.frame.columns[2].x + scene.frame.columns[2].w);
});

test("one thing leads to what it concerns and to nothing else", () => {
  const scene = sceneOf(fixtureInput());
  const related = relatedTo(`slot-${ACCELERATOR.toString(16)}-41`, scene.links);
  expect([...related].sort()).toEqual([
    "band-space-second-stage@0x110000000",
    "function-6a08",
    "slot-6a08-41",
    "space-second-stage@0x110000000",
    "tables-function-6a08",
  ]);
});

test("with remapping off a request goes past the tables to memory", () => {
  const survey: Survey = {
    ...fixtureSurvey(),
    mode: "remapping off",
    requesters: [],
    spaces: [],
    tables: [],
  };
  const events = fixtureEvents().flatMap<HardwareEvent>((event) =>
    event.kind === "request"
      ? [event]
      : event.kind === "reached"
        ? [{ ...event, how: "remapping off" }]
        : [],
  );
  const scene = sceneOf(
    fixtureInput({
      survey,
      journey: journeyOf(events, false),
      memory: [{ start: 0n, length: 1n << 30n }],
    }),
  );
  expect(scene.edges).toEqual([]);
  expect(scene.items.find((item) => item.id === "table-root")?.target?.label).toBe(
    "Remapping is off",
  );
  expect(scene.route?.discs).toEqual([]);
  expect(scene.route?.landing).not.toBeNull();
});

test("a request without PASID in the interrupt range ends at the unit, with a card that says so", () => {
  const events: HardwareEvent[] = [
    ...fixtureEvents().slice(0, 1),
    { kind: "interrupt", address: 0xfee0_0000n as never, data: 0x41 },
  ];
  const scene = sceneOf(fixtureInput({ journey: journeyOf(events, true) }));
  expect(scene.verdict?.item.target?.label).toContain("Interrupt request");
  expect(scene.verdict?.line).toBeNull();
  expect(scene.route?.journey.endPlace).toBe("root");
});

test("a read of the interrupt range is no interrupt request", () => {
  const [request] = refusedEvents();
  const events: HardwareEvent[] = [
    ...(request ? [request] : []),
    { kind: "interrupt", address: 0xfee0_1000n as never, data: 0 },
  ];
  const label = sceneOf(fixtureInput({ journey: journeyOf(events, true) })).verdict?.item.target
    ?.label;
  expect(label).toMatch(/^Interrupt range: .* absorbed and not translated/);
});

test("a request with a PASID goes through the entry that it read, also where requests without PASID use it", () => {
  const events = fixtureEvents().map((event): HardwareEvent => {
    if (event.kind === "request") return { ...event, pasid: pasid(0) };
    const isEntry = event.kind === "read" && event.table === "PASID table entry";
    return isEntry ? { ...event, index: 0, address: hpa(0x1_06c0_4000n) } : event;
  });
  const { route, items, cast, columns } = sceneOf(
    fixtureInput({ journey: journeyOf(events, true) }),
  );
  expect(route?.row).toBe("entry-slot-6a08-none");
  expect(route?.space).toBe("space-second-stage@0x130000000");
  expect(route?.owner).toEqual(cast.ownerOf("second-stage@0x130000000"));
  expect(items.some((item) => item.id === "slot-6a08-0")).toBe(true);
  expect(items.some((item) => item.id === "entry-slot-6a08-0")).toBe(false);
  expect(columns.unit.rail.get("row")?.y).toBe(columns.unit.rows.get("slot-6a08-none")?.in.y);
});

describe("no row for an entry that nobody read", () => {
  const refusedAfter = (reads: number): HardwareEvent[] => {
    const [request, , ...rest] = refusedEvents();
    const entries = rest
      .filter((event) => event.kind === "read")
      .slice(0, reads)
      .map((event, at) => (at === 1 ? { ...event, address: hpa(0x1_06c0_5dc0n) } : event));
    const end = rest.filter((event) => event.kind !== "read");
    const other = request?.kind === "request" ? [{ ...request, pasid: pasid(0x77) }] : [];
    return [...other, ...entries, ...end];
  };
  const rowsAfter = (reads: number) =>
    sceneOf(fixtureInput({ journey: journeyOf(refusedAfter(reads), true) }));

  test("refused before the PASID table entry: the request leaves from its slot and dies without a row", () => {
    const { items, route } = rowsAfter(1);
    expect(items.some((item) => item.id === "slot-6a08-77")).toBe(true);
    expect(items.some((item) => item.id === "entry-slot-6a08-77")).toBe(false);
    expect(route?.row).toBeNull();
    expect(route?.cross).not.toBeNull();
  });

  test("refused at the PASID table entry: it is there", () => {
    expect(rowsAfter(2).route?.row).toBe("entry-slot-6a08-77");
  });
});

test("a function with many PASIDs shows the one that the followed request uses", () => {
  const base = fixtureSurvey();
  const many = base.requesters.map((one) => {
    const last = one.entries.at(-1);
    if (one.requester !== ACCELERATOR || !last) return one;
    const more = Array.from({ length: 20 }, (_, at) => ({ ...last, pasid: pasid(0x80 + at) }));
    return { ...one, entries: [...one.entries.slice(0, 3), ...more] };
  });
  const events = refusedEvents().map((event) =>
    event.kind === "request" ? { ...event, pasid: pasid(0x93) } : event,
  );
  const survey = { ...base, requesters: many };
  expect(sceneOf(fixtureInput({ survey, journey: journeyOf(events, true) })).route).not.toBeNull();
});

test("an address space says its size also where letters beside the marks leave less room", () => {
  const survey = crowd(24, 24);
  const spaces = survey.spaces.map((one) => ({
    ...one,
    domains: [21 as never],
    mapped: 0x108_0000n,
  }));
  const scene = sceneOf(fixtureInput({ survey: { ...survey, spaces } }));
  const cards = scene.items.filter((item) => item.id.startsWith("space-"));
  expect(cards.length).toBeGreaterThan(2);
  for (const card of cards) {
    const words = card.shapes.flatMap((shape) => (shape.kind === "text" ? [shape.text] : []));
    expect(words).toContain("17 MiB");
  }
});
