// What actors can be asked to do, as forms: which fields a demand has, what can be chosen now, and the demand that was filled in.
import type { Demand } from "../session/document.ts";
import type { WorldPort } from "../session/types.ts";

export type DemandName = Demand["want"];

export interface DemandField {
  /** Key in the demand. */
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "address" | "number" | "choice";
  /** What can be chosen at this moment; of a text or a number: what is suggested first. */
  readonly options: (world: WorldPort, values: Values) => readonly string[];
  /** May be left empty. */
  readonly optional?: boolean;
}

export type Values = Readonly<Record<string, string>>;

export interface DemandForm {
  readonly want: DemandName;
  /** What the button says. */
  readonly label: string;
  /** Who may do it: the shell of root, or a virtual machine monitor. */
  readonly by: "root" | "vm";
  readonly fields: readonly DemandField[];
}

/** UUIDs that read well on a stage; further ones are counted on. */
const UUIDS = [
  "a297db4a-f4c2-11e6-90f6-d3b88d6c9525",
  "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
  "5d20e6c1-3a7e-4a43-9f4d-1c0de0a50003",
  "c1f05a3e-6c1d-4f55-9a53-0d5d2f1f2c11",
];

const mdevs = (world: WorldPort) => Object.values(world.kernel.mdev.devices);
const uuids = (world: WorldPort) => mdevs(world).map(({ uuid }) => uuid);

function nextUuid(world: WorldPort): string {
  const taken = new Set(uuids(world));
  const free = UUIDS.find((uuid) => !taken.has(uuid));
  if (free !== undefined) return free;
  for (let n = UUIDS.length + 1; ; n++) {
    const uuid = `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
    if (!taken.has(uuid)) return uuid;
  }
}

const parents = ({ kernel }: WorldPort) =>
  Object.values(kernel.mdev.parents).flatMap(
    ({ device }) => kernel.core.devices[device]?.name ?? [],
  );

const typesOf = ({ kernel }: WorldPort, parentName: string | undefined) =>
  Object.values(kernel.mdev.types).flatMap(({ parent, name }) => {
    const device = kernel.mdev.parents[parent]?.device ?? 0;
    const of = kernel.core.devices[device]?.name;
    return parentName === undefined || parentName === "" || of === parentName ? [name] : [];
  });

const pciDevices = ({ kernel }: WorldPort) =>
  Object.values(kernel.core.devices).flatMap(({ bus, name }) => (bus === "pci" ? [name] : []));

const drivers = ({ kernel }: WorldPort) =>
  Object.values(kernel.core.drivers).flatMap(({ bus, name }) => (bus === "pci" ? [name] : []));

/** Modules that add something to a machine of ours. */
const MODULES = [
  "idxd",
  "dmatest",
  "mtty",
  "mdpy",
  "mbochs",
  "vfio",
  "vfio_iommu_type1",
  "vfio_pci",
  "mdev",
  "vfio_mdev",
];
const loaded = ({ kernel }: WorldPort) => Object.keys(kernel.core.modules);

const choice = (
  name: string,
  label: string,
  options: DemandField["options"],
  optional = false,
): DemandField => ({ name, label, kind: "choice", options, optional });
const suggest = (
  kind: "text" | "address" | "number",
  name: string,
  label: string,
  ...first: readonly string[]
): DemandField => ({ name, label, kind, options: () => first });

const device = choice("device", "Device", (world) => [...uuids(world), ...pciDevices(world)]);
const pci = choice("device", "Device", pciDevices);

export const DEMAND_FORMS: readonly DemandForm[] = [
  {
    want: "load module",
    label: "Load a module",
    by: "root",
    fields: [
      choice("module", "Module", (world) =>
        MODULES.filter((name) => !loaded(world).includes(name)),
      ),
      { ...suggest("text", "parameters", "Parameters"), optional: true },
    ],
  },
  {
    want: "create mdev",
    label: "Create an mdev",
    by: "root",
    fields: [
      choice("parent", "Parent", parents),
      choice("type", "Type", (world, { parent }) => typesOf(world, parent)),
      { name: "uuid", label: "UUID", kind: "text", options: (world) => [nextUuid(world)] },
    ],
  },
  {
    want: "remove mdev",
    label: "Remove an mdev",
    by: "root",
    fields: [choice("uuid", "Mdev", uuids)],
  },
  {
    want: "start VM",
    label: "Start the VM",
    by: "vm",
    fields: [suggest("number", "pages", "Pages of memory", "16")],
  },
  {
    want: "assign device",
    label: "Assign a device",
    by: "vm",
    fields: [device, { ...suggest("address", "at", "Guest address", "0x0"), optional: true }],
  },
  {
    want: "map",
    label: "Map memory",
    by: "vm",
    fields: [
      suggest("address", "iova", "I/O address", "0x100000"),
      suggest("number", "page", "First page of the VM", "0"),
      suggest("number", "pages", "Pages", "1"),
    ],
  },
  {
    want: "unmap",
    label: "Unmap memory",
    by: "vm",
    fields: [
      suggest("address", "iova", "I/O address", "0x0"),
      suggest("number", "pages", "Pages", "16"),
    ],
  },
  {
    want: "device fill",
    label: "Let the device write",
    by: "vm",
    fields: [
      choice("device", "Device", uuids),
      suggest("address", "to", "I/O address", "0x4000"),
      suggest("number", "length", "Bytes", "64"),
    ],
  },
  {
    want: "device copy",
    label: "Let the device copy",
    by: "vm",
    fields: [
      choice("device", "Device", uuids),
      suggest("address", "from", "From I/O address", "0x4000"),
      suggest("address", "to", "To I/O address", "0x5000"),
      suggest("number", "length", "Bytes", "64"),
    ],
  },
  {
    want: "release device",
    label: "Release a device",
    by: "vm",
    fields: [device],
  },
  { want: "stop VM", label: "Stop the VM", by: "vm", fields: [] },
  {
    want: "host copy",
    label: "Let the host use the parent",
    by: "root",
    fields: [pci, suggest("number", "pages", "Pages", "2")],
  },
  {
    want: "bind driver",
    label: "Bind a driver",
    by: "root",
    fields: [pci, choice("driver", "Driver", drivers)],
  },
  { want: "unbind driver", label: "Unbind a driver", by: "root", fields: [pci] },
  {
    want: "unload module",
    label: "Unload a module",
    by: "root",
    fields: [choice("module", "Module", loaded)],
  },
];

/** What a field holds until the reader says something else. */
export const fieldValue = (field: DemandField, world: WorldPort, values: Values): string => {
  const said = values[field.name];
  const options = field.options(world, values);
  if (said === undefined) return options[0] ?? "";
  return field.kind === "choice" && !options.includes(said) ? (options[0] ?? "") : said;
};

export type ReadDemand =
  | { readonly demand: Demand }
  | { readonly field: string; readonly error: string };

/** The demand, or which field is not what it has to be. */
export function readDemand(form: DemandForm, world: WorldPort, values: Values): ReadDemand {
  const demand: Record<string, string | number> = { want: form.want };
  for (const field of form.fields) {
    const text = fieldValue(field, world, values).trim();
    const { name, label, kind } = field;
    if (text === "") {
      if (field.optional) continue;
      const error =
        kind === "choice" ? `There is nothing to choose: ${label}.` : `${label} is missing.`;
      return { field: name, error };
    }
    if (kind === "number") {
      if (!/^\d{1,7}$/.test(text)) return { field: name, error: `${label} is a whole number.` };
      demand[name] = Number(text);
    } else if (kind === "address") {
      if (!/^0x[0-9a-f_]{1,20}$/i.test(text)) {
        return { field: name, error: `${label} is hexadecimal, such as 0x4000.` };
      }
      demand[name] = text.replaceAll("_", "").toLowerCase();
    } else demand[name] = text;
  }
  return { demand: demand as Demand };
}
