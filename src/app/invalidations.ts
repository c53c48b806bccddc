// The invalidation commands that the page offers: descriptors for the queue when it is enabled, register writes otherwise
// (sections 6.5.1 and 6.5.2 of the specification).
import type { Operation, SessionPort } from "../session/types.ts";

export type InvalidationScope = "everything" | "context" | "pasid" | "iotlb";

const GSTS = 0x1c;
const GSTS_QIES = 1n << 26n;
const CCMD = 0x28;
const IQA = 0x90;
const IQA_DW = 1n << 11n;

const CONTEXT_GLOBAL = 0x11n;
const PASID_GLOBAL = 0x37n;
const IOTLB_GLOBAL = 0x12n;
const CCMD_GLOBAL = (1n << 63n) | (1n << 61n);
const IOTLB_REGISTER_GLOBAL = (1n << 63n) | (1n << 60n);

/** What software does to invalidate `scope` for everybody, in the order the specification asks for. */
export function invalidationOperations(
  session: SessionPort,
  scope: InvalidationScope,
): readonly Operation[] {
  const context = scope === "everything" || scope === "context";
  const iotlb = scope === "everything" || scope === "iotlb";
  // The PASID cache exists, and its command is a known type, only with scalable-mode tables.
  const pasid =
    (scope === "everything" || scope === "pasid") && session.survey().mode === "scalable";
  if ((session.readRegister(GSTS, 4) & GSTS_QIES) !== 0n) {
    const wide = (session.readRegister(IQA, 8) & IQA_DW) !== 0n;
    const commands = [
      ...(context ? [CONTEXT_GLOBAL] : []),
      ...(pasid ? [PASID_GLOBAL] : []),
      ...(iotlb ? [IOTLB_GLOBAL] : []),
    ];
    const descriptors = commands.map((first) => (wide ? [first, 0n, 0n, 0n] : [first, 0n]));
    return descriptors.length === 0 ? [] : [{ op: "invalidate", descriptors }];
  }
  const write = (offset: number, value: bigint): Operation => ({
    op: "register write",
    offset,
    size: 8,
    value,
  });
  return [
    ...(context ? [write(CCMD, CCMD_GLOBAL)] : []),
    ...(iotlb ? [write(session.capabilities.iro + 8, IOTLB_REGISTER_GLOBAL)] : []),
  ];
}
