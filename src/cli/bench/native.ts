// Compiles the plain-C walks with the machine's gcc and runs them on a workload, each in a process of its own.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { hpa } from "../../base/brand.ts";
import { PAGE_WORDS } from "../../hardware/memory/memory.ts";
import { REQUEST_WORDS, type Workload } from "./workload.ts";

export type NativeWalk = "bare" | "checked";

/** CPU seconds of all passes and the checksum of one. */
export interface NativeRun {
  readonly seconds: number;
  readonly checksum: number;
}

const SOURCES = "src/cli/bench";

/** The folder of the C sources, above wherever this program was bundled to. */
function sourceFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, SOURCES, "bare.c"))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`${SOURCES}/bare.c is not there`);
    folder = above;
  }
  return path.join(folder, SOURCES);
}

/** First line of `gcc --version`, or null when there is no gcc. */
function compilerName(): string | null {
  const asked = spawnSync("gcc", ["--version"], { encoding: "utf8" });
  return asked.status === 0 ? (asked.stdout.split("\n")[0] ?? "gcc") : null;
}

export class NativeWalks {
  readonly compiler: string;
  readonly #folder: string;

  private constructor(compiler: string) {
    this.compiler = compiler;
    this.#folder = mkdtempSync(path.join(tmpdir(), "iommu-bench-"));
    for (const walk of ["bare", "checked"]) {
      const source = path.join(sourceFolder(), `${walk}.c`);
      execFileSync("gcc", ["-O3", "-std=c11", "-D_GNU_SOURCE", "-o", this.#file(walk), source]);
    }
  }

  /** Null when this machine has no gcc. */
  static compile(): NativeWalks | null {
    const compiler = compilerName();
    return compiler === null ? null : new NativeWalks(compiler);
  }

  run(walk: NativeWalk, workload: Workload, passes: number): NativeRun {
    const file = this.#file("workload");
    writeFileSync(file, serialise(workload, passes));
    const printed = execFileSync(this.#file(walk), [file], { encoding: "utf8" });
    const [seconds = Number.NaN, checksum = Number.NaN] = printed.trim().split(" ").map(Number);
    return { seconds, checksum };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }
}

/** The workload as walk.h reads it. */
function serialise(workload: Workload, passes: number): Uint8Array {
  const { store, tops, requests, end, contexts, stage, rootTable } = workload;
  const slots = store.words.subarray(0, store.used * PAGE_WORDS);
  const flat = store.readBytes(hpa(0n), end);
  const sizes = Uint32Array.of(
    flat.length,
    contexts,
    store.index.length,
    slots.length,
    requests.length / REQUEST_WORDS,
    passes,
    stage === "first-stage" ? 1 : 0,
    Number(rootTable),
  );
  const parts = [sizes, flat, Uint32Array.from(tops), store.index, slots, requests];
  return Buffer.concat(
    parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
}
