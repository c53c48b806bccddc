// What `bench` reports: rates, ratios to plain C, what ten million translations leave behind, and the floors.
import { table } from "../output.ts";
import type { Rate } from "./rounds.ts";
import type { Steady } from "./steady.ts";
import type { Setting } from "./unit-under-test.ts";
import type { WalkedStage } from "./workload.ts";

export interface Group {
  readonly stage: WalkedStage;
  readonly contexts: number;
  readonly rates: readonly Rate[];
}

export interface Report {
  /** Null: no ratio can be given. */
  readonly compiler: string | null;
  readonly groups: readonly Group[];
  readonly steady: readonly (Setting & Steady)[];
}

interface Goal {
  readonly name: string;
  readonly value: number;
  /** The value may not be below (a ratio) or above (a cost) this. */
  readonly floor: number;
  readonly aim: number | null;
  readonly holds: boolean;
}

const rateOf = ({ rates }: Group, name: string): number =>
  rates.find((rate) => rate.name === name)?.median ?? Number.NaN;

/** The goals at 64 contexts, of each stage. Without plain C only those that need none. */
export function goals(report: Report): readonly Goal[] {
  const atLeast = (name: string, value: number, floor: number, aim: number | null): Goal => ({
    name,
    value,
    floor,
    aim,
    holds: value >= floor,
  });
  const atMost = (name: string, value: number, floor: number): Goal => ({
    name,
    value,
    floor,
    aim: null,
    holds: value <= floor,
  });
  const perStage = report.groups
    .filter(({ contexts }) => contexts === 64)
    .flatMap((group) => {
      const rate = (name: string) => rateOf(group, name);
      const against = (walk: string, path: string) => rate(path) / rate(walk);
      const { stage } = group;
      const ratios =
        report.compiler === null
          ? []
          : [
              atLeast(`${stage} miss / bare C`, against("bare", "miss"), 0.15, 0.2),
              atLeast(`${stage} miss / checked C`, against("checked", "miss"), 0.3, 0.45),
              atLeast(`${stage} hit / bare C walk`, against("bare", "hit"), 0.4, null),
            ];
      return [
        ...ratios,
        atMost(`${stage} miss: cost of the trace`, against("miss traced", "miss"), 2),
        atMost(`${stage} hit: cost of the trace`, against("hit traced", "hit"), 2),
      ];
    });
  const steady = report.steady.flatMap(({ path, trace, growth, collections }) => {
    const what = `${path}${trace ? " traced" : ""}, 10 million`;
    return [
      atMost(`${what}: heap growth, MB`, growth / 1e6, 1),
      atMost(`${what}: garbage collections`, collections, 0),
    ];
  });
  return [...perStage, ...steady];
}

const figure = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** The report as tables for people. */
export function describe(report: Report): string {
  const compared = report.compiler !== null;
  const rows = report.groups.flatMap((group) =>
    group.rates.map((rate) => [
      `${group.stage} ${rate.name}`,
      group.contexts,
      figure(rate.median),
      rate.rounds.map(figure).join(" "),
      ...(compared
        ? ["bare", "checked"].map((walk) => figure(rate.median / rateOf(group, walk)))
        : []),
    ]),
  );
  const heads = ["million per CPU second", "contexts", "median", "rounds"];
  const ratioHeads = compared ? ["of bare C", "of checked C"] : [];
  const goalRows = goals(report).map(({ name, value, floor, aim, holds }) => [
    name,
    figure(value),
    `${floor}${aim === null ? "" : ` (aim ${aim})`}`,
    holds ? "holds" : "missed",
  ]);
  return [
    report.compiler ?? "no gcc: no ratios",
    "",
    table([[...heads, ...ratioHeads], ...rows]),
    "",
    table([["at 64 contexts", "value", "goal", ""], ...goalRows]),
  ].join("\n");
}
