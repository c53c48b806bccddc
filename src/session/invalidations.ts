// From what a reader wants gone to descriptors of the invalidation queue (section 6.5.2 of the specification).
import type { DomainId, Hpa, Iova, Pasid, RequesterId } from "../base/brand.ts";
import { encode } from "../hardware/layout/codec.ts";
import {
  CONTEXT_CACHE_INVALIDATE,
  type DescriptorLayout,
  INVALIDATION_WAIT,
  IOTLB_INVALIDATE,
  PASID_CACHE_INVALIDATE,
  PASID_IOTLB_INVALIDATE,
} from "../hardware/layout/descriptors.ts";
import type { Environment } from "../hardware/layout/types.ts";

export type InvalidationScope = "everything" | "context" | "pasid" | "iotlb";

/** What has to go. Fields that are left out mean "of all". */
export interface InvalidationTarget {
  readonly scope: InvalidationScope;
  readonly domain?: DomainId;
  /** Context cache only. In legacy mode hardware also asks for the domain. */
  readonly requester?: RequesterId;
  /** Only together with `domain`: hardware knows no PASID without its domain. */
  readonly pasid?: Pasid;
  /** IOTLB only, together with `domain`: 2^order pages of 4 KiB from this address on. */
  readonly address?: Iova;
  readonly order?: number;
}

/** The unit that the descriptors are for. */
export interface QueueFacts {
  readonly environment: Environment;
  /** The tables are in scalable mode. */
  readonly scalable: boolean;
  /** IQA.DW: descriptors of 256 bits. */
  readonly wide: boolean;
  /** Where a wait descriptor may report; without one no wait is added. */
  readonly status?: { readonly address: Hpa; readonly data: number };
}

/** Descriptors in the order that the specification asks for: context cache, PASID cache, IOTLB, wait. */
export function invalidationDescriptors(target: InvalidationTarget, facts: QueueFacts): bigint[][] {
  const { scope } = target;
  const everything = scope === "everything";
  const put = ({ type, narrow, wide }: DescriptorLayout, values: Record<string, number | bigint>) =>
    encode(
      facts.wide ? wide : narrow,
      Object.fromEntries(
        Object.entries({ Type: type, ...values }).map(([name, value]) => [name, BigInt(value)]),
      ),
      facts.environment,
    );
  const descriptors: bigint[][] = [];
  if (everything || scope === "context") {
    descriptors.push(put(CONTEXT_CACHE_INVALIDATE, contextValues(target, facts.scalable)));
  }
  if ((everything || scope === "pasid") && facts.scalable) {
    descriptors.push(put(PASID_CACHE_INVALIDATE, pasidValues(target)));
  }
  if (everything || scope === "iotlb") {
    const tagged = facts.scalable && target.domain !== undefined && target.pasid !== undefined;
    descriptors.push(
      tagged
        ? put(PASID_IOTLB_INVALIDATE, pasidIotlbValues(target))
        : put(IOTLB_INVALIDATE, iotlbValues(target)),
    );
  }
  if (facts.status && descriptors.length > 0) {
    const { address, data } = facts.status;
    descriptors.push(
      put(INVALIDATION_WAIT, { SW: 1, "Status Data": data, "Status Address": address }),
    );
  }
  return descriptors;
}

function contextValues({ requester, domain }: InvalidationTarget, scalable: boolean) {
  if (requester !== undefined && (scalable || domain !== undefined)) {
    return { G: 3, SID: requester, DID: domain ?? 0 };
  }
  return domain === undefined ? { G: 1 } : { G: 2, DID: domain };
}

function pasidValues({ domain, pasid }: InvalidationTarget) {
  if (domain === undefined) return { G: 3 };
  return pasid === undefined ? { G: 0, DID: domain } : { G: 1, DID: domain, PASID: pasid };
}

/** The address of a range, aligned to its size. */
const rangeValues = (address: Iova, order: number) => ({
  AM: order,
  ADDR: (address >> BigInt(12 + order)) << BigInt(12 + order),
});

function iotlbValues({ domain, address, order = 0 }: InvalidationTarget) {
  if (domain === undefined) return { G: 1 };
  if (address === undefined) return { G: 2, DID: domain };
  return { G: 3, DID: domain, ...rangeValues(address, order) };
}

function pasidIotlbValues({ domain, pasid, address, order = 0 }: InvalidationTarget) {
  const tags = { DID: domain ?? 0, PASID: pasid ?? 0 };
  return address === undefined
    ? { G: 2, ...tags }
    : { G: 3, ...tags, ...rangeValues(address, order) };
}
