// Invalidation commands as software gives them: descriptors for the queue (section 6.5.2) and register writes (11.4.6).

export type Command =
  | { readonly type: "context"; readonly scope: "global" }
  | { readonly type: "context"; readonly scope: "domain"; readonly domain: number }
  | {
      readonly type: "context";
      readonly scope: "device";
      readonly domain: number;
      readonly requester: number;
      readonly functionMask: number;
    }
  | { readonly type: "iotlb"; readonly scope: "global" }
  | { readonly type: "iotlb"; readonly scope: "domain"; readonly domain: number }
  | {
      readonly type: "iotlb";
      readonly scope: "page";
      readonly domain: number;
      readonly address: bigint;
      /** 2^mask pages. */
      readonly mask: number;
      readonly leafOnly: boolean;
    }
  | { readonly type: "pasid"; readonly scope: "global" }
  | { readonly type: "pasid"; readonly scope: "domain"; readonly domain: number }
  | {
      readonly type: "pasid";
      readonly scope: "one";
      readonly domain: number;
      readonly pasid: number;
    }
  | {
      readonly type: "pasid iotlb";
      readonly scope: "all";
      readonly domain: number;
      readonly pasid: number;
    }
  | {
      readonly type: "pasid iotlb";
      readonly scope: "page";
      readonly domain: number;
      readonly pasid: number;
      readonly address: bigint;
      readonly mask: number;
      readonly leafOnly: boolean;
    };

const big = BigInt;

const range = (command: { address: bigint; mask: number; leafOnly: boolean }): bigint =>
  (command.address & ~((4096n << big(command.mask)) - 1n)) |
  (command.leafOnly ? 0x40n : 0n) |
  big(command.mask);

/** The two words of a descriptor. */
export function descriptor(command: Command): readonly [bigint, bigint] {
  const domain = "domain" in command ? big(command.domain) << 16n : 0n;
  switch (command.type) {
    case "context": {
      const granularity = { global: 1n, domain: 2n, device: 3n }[command.scope];
      const device =
        command.scope === "device"
          ? (big(command.requester) << 32n) | (big(command.functionMask) << 48n)
          : 0n;
      return [1n | (granularity << 4n) | domain | device, 0n];
    }
    case "iotlb": {
      const granularity = { global: 1n, domain: 2n, page: 3n }[command.scope];
      return [2n | (granularity << 4n) | domain, command.scope === "page" ? range(command) : 0n];
    }
    case "pasid": {
      const granularity = { global: 3n, domain: 0n, one: 1n }[command.scope];
      const pasid = command.scope === "one" ? big(command.pasid) << 32n : 0n;
      return [7n | (granularity << 4n) | domain | pasid, 0n];
    }
    case "pasid iotlb": {
      const granularity = { all: 2n, page: 3n }[command.scope];
      const low = 6n | (granularity << 4n) | domain | (big(command.pasid) << 32n);
      return [low, command.scope === "page" ? range(command) : 0n];
    }
  }
}

/** A wait descriptor that writes a status word. */
export const waitDescriptor = (address: bigint, data: number): readonly [bigint, bigint] => [
  5n | (1n << 5n) | (big(data) << 32n),
  address,
];

export interface RegisterWrite {
  readonly offset: number;
  readonly value: bigint;
}

/** 64-bit writes to CCMD, IVA and IOTLB, the last two at `iotlbOffset` and 8 bytes on. */
export function registerWrites(command: Command, iotlbOffset: number): readonly RegisterWrite[] {
  const go = 1n << 63n;
  if (command.type === "context") {
    const granularity = { global: 1n, domain: 2n, device: 3n }[command.scope];
    let value = go | (granularity << 61n);
    if (command.scope !== "global") value |= big(command.domain);
    if (command.scope === "device") {
      value |= (big(command.requester) << 16n) | (big(command.functionMask) << 32n);
    }
    return [{ offset: 0x28, value }];
  }
  if (command.type !== "iotlb") throw new Error("no register does this");
  const granularity = { global: 1n, domain: 2n, page: 3n }[command.scope];
  let value = go | (granularity << 60n);
  if (command.scope !== "global") value |= big(command.domain) << 32n;
  const writes = [{ offset: iotlbOffset + 8, value }];
  if (command.scope === "page") writes.unshift({ offset: iotlbOffset, value: range(command) });
  return writes;
}
