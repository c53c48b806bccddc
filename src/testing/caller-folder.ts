// A folder of a caller of the command line, with files in it, for one test file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./command.ts";

export class CallerFolder {
  readonly folder = mkdtempSync(path.join(tmpdir(), "iommu-cli-"));

  /** A file with these contents; its path. */
  put(name: string, contents: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, contents);
    return file;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const fixture = (name: string): string => path.join(ROOT, "src/testing/fixtures", name);
const sample = (name: string): string => path.join(ROOT, "public/samples", name);

/** Tables and registers of a shipped sample. */
export const sampleImage = (id: string): [string, string] => [
  sample(`${id}.elf.gz`),
  sample(`${id}.registers.txt`),
];
