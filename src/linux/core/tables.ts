// Records of the driver core, sysfs, processes, files and modules.

/** `struct device`. A parent of 0 means "none". */
export interface Device {
  readonly id: number;
  /** dev_name(): "0000:6a:01.0", "mtty", a UUID. */
  readonly name: string;
  /** Bus it is on: "pci", "mdev" or "" for none. */
  readonly bus: string;
  readonly parent: number;
  /** Path below /sys/devices: "pci0000:00/0000:00:03.0". */
  readonly path: string;
  /** Name of the bound driver; "" for none. */
  driver: string;
  /** iommu_group id (a Group record), 0 for none. */
  group: number;
  /** get_device() minus put_device(); the one of device_initialize() counts. */
  references: number;
  /** device_add() was called and device_del() was not. */
  added: boolean;
  /** Text of driver_override; "" for none. */
  driverOverride: string;
  /** Symbol of the function (k, device) that runs when the last reference goes; "" for none. */
  readonly release: string;
}

export interface Driver {
  readonly name: string;
  readonly bus: string;
  readonly module: string;
  /** Symbols of probe(k, device) and remove(k, device), both sleeping; probe returns 0 or an error. */
  readonly probe: string;
  readonly remove: string;
  /** What matches without driver_override: device names, PCI ids ("8086:0b25"), or "*" for all of the bus. */
  matches: readonly string[];
  /** It is being unregistered: off the bus's list, so that nothing binds to it while its devices leave it. */
  leaving?: true;
}

export interface Bus {
  readonly name: string;
  /** bus->iommu_ops: "intel" or "" for none. */
  iommuOps: string;
  /** Module that exports the bus type, for symbol_get: the pci bus is "vmlinux", "mdev" for mdev_bus_type. */
  readonly module: string;
  /** Symbols of the bus's own probe and remove (k, device, driver name), around the driver's; "" for none. */
  readonly probe: string;
  readonly remove: string;
}

/** `struct pci_dev`: what enumeration read from configuration space. */
export interface PciFunction {
  readonly device: number;
  /** Bus, device and function number in 16 bits. */
  readonly requester: number;
  readonly vendor: number;
  readonly deviceId: number;
  readonly class: number;
  readonly revision: number;
  /** Device/port type of the PCI Express capability, 0 .. 10; -1: conventional PCI. */
  readonly expressType: number;
  /** Other functions may share its device number (header type bit 7). */
  readonly multifunction: boolean;
  /** Bus below a bridge and the last one below that; -1: no bridge. */
  readonly secondary: number;
  readonly subordinate: number;
  /** Device id of the bridge above; 0: on a root bus. */
  readonly bridge: number;
  pasidEnabled: boolean;
}

export interface Module {
  readonly name: string;
  parameters: Record<string, string>;
  /** Other modules and open files that use it. */
  references: number;
  state: "coming" | "live" | "going";
}

/** A directory, an attribute or a link of sysfs, debugfs or devtmpfs, by absolute path without a trailing slash. */
export type Node =
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  /** `show` and `store`: symbols of functions (k, argument) -> text, and sleeping (k, argument, text) -> result; "" for none. */
  | {
      readonly kind: "attribute";
      readonly mode: string;
      readonly show: string;
      readonly store: string;
      readonly argument: number | string;
    }
  /** A device file: `fops` names the set of file operations, `argument` the object. */
  | {
      readonly kind: "device";
      readonly fops: string;
      readonly argument: number;
      readonly mode: string;
    };

/** A process and what it has open. */
export interface Process {
  readonly id: number;
  readonly name: string;
  /** RLIMIT_MEMLOCK in bytes. */
  memoryLimit: number;
  /** mm->locked_vm in pages. */
  lockedPages: number;
  /** CAP_SYS_RAWIO and CAP_IPC_LOCK. */
  privileged: boolean;
  /** fd -> File id. */
  files: Record<number, number>;
  /** Mapped ranges by first address, in rising order of creation. */
  ranges: Range[];
  nextAddress: number;
  exited: boolean;
}

/** Memory that a process mapped: anonymous pages, or a window into a device. */
export interface Range {
  /** User address, a multiple of 4096. */
  readonly start: number;
  /** Pages. */
  readonly pages: number;
  /** Page number (address / 4096) of each page of anonymous memory; empty for a window. */
  readonly frames: number[];
  /** Device file behind a window, and the offset; null for anonymous memory. */
  readonly window: Window | null;
}

/** Where a window leads: a BAR of a PCI function, from `barOffset` on. */
export interface Window {
  readonly file: number;
  readonly offset: number;
  readonly function: number;
  readonly bar: number;
  readonly barOffset: number;
}

/** `struct file`. */
export interface File {
  readonly id: number;
  /** "attribute", "directory", or the fops of a device file: "vfio container", "vfio group", "vfio device". */
  readonly fops: string;
  readonly path: string;
  /** The object: container, vfio_group, vfio_device ... */
  object: number;
  references: number;
  position: number;
}

export interface Timer {
  readonly id: number;
  /** Simulated microseconds. */
  readonly due: number;
  /** Symbol of the function (k, argument), which must not sleep. */
  readonly symbol: string;
  readonly argument: number;
}

export interface CoreTables {
  /** What the boot loader handed over; /proc/cmdline without its newline. */
  commandLine: string;
  devices: Record<number, Device>;
  /** By device id. */
  pci: Record<number, PciFunction>;
  drivers: Record<string, Driver>;
  buses: Record<string, Bus>;
  modules: Record<string, Module>;
  nodes: Record<string, Node>;
  processes: Record<number, Process>;
  files: Record<number, File>;
  timers: Record<number, Timer>;
  /** Process of each task that is inside a system call. */
  tasks: Record<number, number>;
  /** Tasks that are inside an attribute's function, by path of the attribute. */
  active: Record<string, number[]>;
  /** Handlers of interrupt vectors: symbols of functions (k, argument) that must not sleep. */
  interrupts: Record<number, { readonly symbol: string; readonly argument: number }>;
  /** Reference count of pages that somebody pinned, by page number. */
  pins: Record<number, number>;
  /** Pinned pages that their process no longer maps: free with the last pin. Page number -> last owner. */
  orphans: Record<number, string>;
  /** Free page frames that were used before, last freed last; and the next one never used. */
  freeFrames: number[];
  nextFrame: number;
}

export const emptyCore = (): CoreTables => ({
  commandLine: "",
  devices: {},
  pci: {},
  drivers: {},
  buses: {},
  modules: {},
  nodes: {},
  processes: {},
  files: {},
  timers: {},
  tasks: {},
  active: {},
  interrupts: {},
  pins: {},
  orphans: {},
  freeFrames: [],
  nextFrame: 0,
});
