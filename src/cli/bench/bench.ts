// The verb `bench`: translations per CPU second of the remapping unit beside two walks in plain C, on the same tables.
import { parseArgs } from "node:util";
import { EXIT, type ExitCode, note, print, UsageError } from "../output.ts";
import { NativeWalks } from "./native.ts";
import { describe, goals, type Report } from "./report.ts";
import { type Contestant, measureRates, type Rate } from "./rounds.ts";
import { type Steady, watchHeap } from "./steady.ts";
import { type Setting, UnitUnderTest } from "./unit-under-test.ts";
import { makeWorkload, REQUESTS, type Workload } from "./workload.ts";

const CONTEXTS = [1, 64];

const SETTINGS: readonly Setting[] = [
  { path: "hit", trace: false },
  { path: "hit", trace: true },
  { path: "miss", trace: false },
  { path: "miss", trace: true },
];

/** CPU seconds of this process, all threads. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function ours(workload: Workload, setting: Setting): Contestant {
  const unit = new UnitUnderTest(workload, setting);
  return {
    name: `${setting.path}${setting.trace ? " traced" : ""}`,
    run(passes) {
      const start = cpuSeconds();
      let checksum = 0;
      for (let pass = 0; pass < passes; pass++) checksum = unit.pass();
      return { seconds: cpuSeconds() - start, checksum };
    },
  };
}

function contestants(workload: Workload, native: NativeWalks | null): Contestant[] {
  const walks = native === null ? [] : (["bare", "checked"] as const);
  return [
    ...SETTINGS.map((setting) => ours(workload, setting)),
    ...walks.map((walk) => ({
      name: walk,
      run: (passes: number) => native?.run(walk, workload, passes) ?? failed(walk),
    })),
  ];
}

function failed(walk: string): never {
  throw new Error(`the ${walk} walk was not compiled`);
}

/** All contestants must reach the same addresses. */
function differing(rates: readonly Rate[]): string[] {
  const [first] = rates;
  return rates.filter((rate) => rate.checksum !== first?.checksum).map(({ name }) => name);
}

async function watchAll(): Promise<Report["steady"]> {
  const results: (Setting & Steady)[] = [];
  for (const setting of SETTINGS) {
    const unit = new UnitUnderTest(makeWorkload("first-stage", 64), setting);
    results.push({ ...setting, ...(await watchHeap(() => unit.pass())) });
  }
  return results;
}

function readOptions(args: readonly string[]): { readonly json: boolean } {
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean" } } });
    return { json: values.json === true };
  } catch (error) {
    throw new UsageError(`bench: ${error instanceof Error ? error.message : error}`);
  }
}

export async function runBench(args: readonly string[]): Promise<ExitCode> {
  const { json } = readOptions(args);
  const native = NativeWalks.compile();
  if (native === null) note("There is no gcc on this machine: no plain-C walks, no ratios.");
  try {
    const groups = (["first-stage", "second-stage"] as const).flatMap((stage) =>
      CONTEXTS.map((contexts) => {
        note(`measuring ${stage} tables, ${contexts} ${contexts === 1 ? "context" : "contexts"}`);
        const workload = makeWorkload(stage, contexts);
        return { stage, contexts, rates: measureRates(contestants(workload, native), REQUESTS) };
      }),
    );
    const compiler = native?.compiler ?? null;
    const report: Report = { compiler, groups, steady: await watchAll() };
    await print(json ? JSON.stringify({ ...report, goals: goals(report) }) : describe(report));
    const wrong = groups.flatMap(({ rates }) => differing(rates));
    if (wrong.length > 0) note(`reached other addresses: ${wrong.join(", ")}`);
    return wrong.length > 0 ? EXIT.differs : EXIT.expected;
  } finally {
    native?.remove();
  }
}
