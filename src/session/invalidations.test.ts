import { expect, test } from "vitest";
import { domainId, hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { unit } from "../hardware/layout/environments.fixture.ts";
import { invalidationDescriptors } from "./invalidations.ts";

const facts = { environment: unit(true), scalable: true, wide: true };
const did = domainId(0x12);

test("taking a PASID down gives the words of the worked example", () => {
  const target = { domain: did, pasid: pasid(0x25) };
  expect(invalidationDescriptors({ scope: "pasid", ...target }, facts)).toEqual([
    [0x0000_0025_0012_0017n, 0n, 0n, 0n],
  ]);
  expect(invalidationDescriptors({ scope: "iotlb", ...target }, facts)).toEqual([
    [0x0000_0025_0012_0026n, 0n, 0n, 0n],
  ]);
  const page = { ...target, address: iova(0x7f3a_9c5e_2d48n) };
  const status = { address: hpa(0x1_06d0_1000n), data: 2 };
  expect(invalidationDescriptors({ scope: "iotlb", ...page }, { ...facts, status })).toEqual([
    [0x0000_0025_0012_0036n, 0x0000_7f3a_9c5e_2000n, 0n, 0n],
    [0x0000_0002_0000_0025n, 0x1_06d0_1000n, 0n, 0n],
  ]);
});

test("everything: each cache once, in order; no PASID cache in legacy mode; no wait without a status address", () => {
  expect(invalidationDescriptors({ scope: "everything" }, facts).map(([w]) => w)).toEqual([
    0x11n,
    0x37n,
    0x12n,
  ]);
  const legacy = { ...facts, scalable: false, wide: false };
  expect(invalidationDescriptors({ scope: "everything" }, legacy)).toEqual([
    [0x11n, 0n],
    [0x12n, 0n],
  ]);
  expect(invalidationDescriptors({ scope: "pasid" }, legacy)).toEqual([]);
});

test("a device of the context cache, and a range of pages aligned to its size", () => {
  const device = { scope: "context", requester: requesterId(0x6a08) } as const;
  expect(invalidationDescriptors(device, facts)[0]?.[0]).toBe(0x6a08_0000_0031n);
  const legacy = { ...facts, scalable: false };
  expect(invalidationDescriptors({ ...device, domain: did }, legacy)[0]?.[0]).toBe(
    0x6a08_0012_0031n,
  );
  const range = { scope: "iotlb", domain: did, address: iova(0x1234_5000n), order: 4 } as const;
  expect(invalidationDescriptors(range, facts)[0]).toEqual([0x12_0032n, 0x1234_0004n, 0n, 0n]);
});
