// Files as a reader has them: those of a shipped machine, packed or not, and ways to spoil and to drop them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";

export interface OwnFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const shipped = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../public/samples/${name}`, import.meta.url)));

const file = (name: string, buffer: Buffer): OwnFile => ({
  name,
  mimeType: "application/octet-stream",
  buffer,
});

const MACHINE = "linux-7.2-first-stage";

/** The smallest shipped machine as somebody's own two files. */
export function ownFiles(form: "plain" | "gzip" = "plain"): {
  readonly tables: OwnFile;
  readonly registers: OwnFile;
} {
  const packed = shipped(`${MACHINE}.elf.gz`);
  const listing = shipped(`${MACHINE}.registers.txt`);
  return form === "gzip"
    ? { tables: file("guest.elf.gz", packed), registers: file("guest.txt.gz", gzipSync(listing)) }
    : { tables: file("guest.elf", gunzipSync(packed)), registers: file("guest.txt", listing) };
}

/** The same file under the same name with other content. */
export const spoilt = (of: OwnFile, spoil: (content: Buffer) => Buffer): OwnFile => ({
  ...of,
  buffer: spoil(Buffer.from(of.buffer)),
});

/** Drops files onto the page, as a file manager would. */
export async function drop(page: Page, files: readonly OwnFile[]): Promise<void> {
  const carried = files.map(({ name, buffer }) => ({ name, content: buffer.toString("base64") }));
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, content } of list) {
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    return data;
  }, carried);
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}
