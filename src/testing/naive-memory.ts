// Memory of the naive walker: pages by number, each a DataView of 4096 bytes. A page that is not there is no memory.

export const NAIVE_PAGE = 4096n;

export type NaivePages = Map<bigint, DataView>;

/** `count` 64-bit words at an address, or null when no memory answers. Entries never cross a page. */
export type ReadWords = (address: bigint, count: number) => bigint[] | null;

export function readPages(pages: NaivePages): ReadWords {
  return (address, count) => {
    const page = pages.get(address / NAIVE_PAGE);
    if (page === undefined) return null;
    const offset = Number(address % NAIVE_PAGE);
    return Array.from({ length: count }, (_, n) => page.getBigUint64(offset + 8 * n, true));
  };
}

/** Stores one word; without a page there the word is lost. */
export function writeWord(pages: NaivePages, address: bigint, value: bigint): void {
  const page = pages.get(address / NAIVE_PAGE);
  page?.setBigUint64(Number(address % NAIVE_PAGE), value, true);
}

/** Stores one word in a page that is made when it is not there yet. */
export function putWord(pages: NaivePages, address: bigint, value: bigint): void {
  addPage(pages, address);
  writeWord(pages, address, value);
}

export function addPage(pages: NaivePages, address: bigint): void {
  const number = address / NAIVE_PAGE;
  if (!pages.has(number)) pages.set(number, new DataView(new ArrayBuffer(4096)));
}

/** Stores bytes inside one page; without a page there they are lost. */
export function writeBytes(pages: NaivePages, address: bigint, bytes: Uint8Array): void {
  const page = pages.get(address / NAIVE_PAGE);
  if (page === undefined) return;
  const offset = Number(address % NAIVE_PAGE);
  bytes.forEach((byte, n) => {
    page.setUint8(offset + n, byte);
  });
}

export function copyPages(pages: NaivePages): NaivePages {
  return new Map(
    [...pages].map(([number, page]) => [number, new DataView(page.buffer.slice(0) as ArrayBuffer)]),
  );
}
