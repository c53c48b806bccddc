// How much JavaScript a page has fetched, as a server with brotli would send it.
import { brotliCompressSync } from "node:zlib";
import type { Page } from "@playwright/test";

export interface FetchedScript {
  readonly file: string;
  /** Bytes, brotli at the highest quality. */
  readonly bytes: number;
}

/** Collects the scripts of a page from now on; the returned function tells what came so far. */
export function collectScripts(page: Page): () => Promise<readonly FetchedScript[]> {
  const pending: Promise<FetchedScript>[] = [];
  page.on("response", (response) => {
    const file = new URL(response.url()).pathname;
    if (!file.endsWith(".js")) return;
    pending.push(
      response.body().then((body) => ({ file, bytes: brotliCompressSync(body).length })),
    );
  });
  return () => Promise.all(pending);
}
