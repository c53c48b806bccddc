// The scenarios and walkthroughs that ship with the playground, by id. Each is one JSON file beside this one.

export interface Shipped {
  /** As in the file. */
  readonly title: string;
  /** Loads the JSON value of the file. */
  readonly load: () => Promise<unknown>;
}

const shipped = (
  id: string,
  title: string,
  load: () => Promise<{ readonly default: unknown }>,
): readonly [string, Shipped] => [id, { title, load: async () => (await load()).default }];

/** In the order in which they are listed and played. */
export const SHIPPED: ReadonlyMap<string, Shipped> = new Map([
  shipped(
    "who-tells-the-iommu",
    "Who tells the IOMMU about a slice of a device?",
    () => import("./who-tells-the-iommu.json"),
  ),
  shipped(
    "slices-with-own-pasids",
    "Two VMs, a slice each",
    () => import("./slices-with-own-pasids.json"),
  ),
  shipped(
    "slices-isolated-by-their-driver",
    "The same demands, isolated by the driver alone",
    () => import("./slices-isolated-by-their-driver.json"),
  ),
  shipped(
    "same-calls-pointer",
    "One program, byte for byte: a pointer",
    () => import("./same-calls-pointer.json"),
  ),
  shipped(
    "same-calls-driver",
    "One program, byte for byte: the driver alone",
    () => import("./same-calls-driver.json"),
  ),
  shipped(
    "pointer-without-aux",
    "A driver that forgets AUX",
    () => import("./pointer-without-aux.json"),
  ),
  shipped(
    "stale-default-pasid",
    "A PASID that was given back and is used on",
    () => import("./stale-default-pasid.json"),
  ),
  shipped(
    "reserved-addresses-unseen",
    "Reserved addresses are not seen from a slice",
    () => import("./reserved-addresses-unseen.json"),
  ),
  shipped(
    "whole-device-with-aux",
    "A function with AUX cannot be assigned whole",
    () => import("./whole-device-with-aux.json"),
  ),
  shipped(
    "unmap-waits-for-unpin",
    "A driver that does not let go of pages",
    () => import("./unmap-waits-for-unpin.json"),
  ),
  shipped(
    "mediation-forgotten",
    "A driver whose mediation does not check",
    () => import("./mediation-forgotten.json"),
  ),
  shipped(
    "mdev-errors",
    "Guards of an mdev in the order of the source",
    () => import("./mdev-errors.json"),
  ),
  shipped(
    "create-while-unregistering",
    "Create against unregistration",
    () => import("./create-while-unregistering.json"),
  ),
  shipped(
    "page-reused-through-iotlb",
    "A page that is unmapped, freed and given to another VM",
    () => import("./page-reused-through-iotlb.json"),
  ),
  shipped(
    "lazy-unmap-window",
    "The window of lazy unmap",
    () => import("./lazy-unmap-window.json"),
  ),
  shipped("strict-unmap", "The same with strict unmap", () => import("./strict-unmap.json")),
]);
