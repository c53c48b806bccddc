// Records of the mediated device core, v5.12.

/** `struct mdev_parent`. */
export interface MdevParent {
  readonly id: number;
  readonly device: number;
  /** Name of the record in `state.mdev.operations`: mdev_parent_ops. */
  readonly operations: string;
  references: number;
  types: number[];
  /** On parent_list: registered, and not about to go. */
  listed: boolean;
}

export interface MdevType {
  readonly id: number;
  readonly parent: number;
  /** Name of the directory: "<driver>-<group>". */
  readonly name: string;
  readonly group: string;
}

/** `struct mdev_device`. */
export interface MdevDevice {
  readonly id: number;
  readonly uuid: string;
  readonly parent: number;
  readonly type: number;
  /** Device record, 0 before device_initialize(). */
  device: number;
  active: boolean;
  /** Device id that mdev_set_iommu_device() stored; 0: NULL, vendor-defined isolation. */
  iommuDevice: number;
  /** Where create/remove stands (section 1.5): for the state machine and for people. */
  stage: "reserved" | "created" | "added" | "active" | "closing" | "deleted";
}

/** `struct mdev_parent_ops`: symbols of the vendor driver's functions; "" for none. All may sleep. */
export interface MdevParentOps {
  readonly name: string;
  readonly module: string;
  /** Type groups and their attributes: attribute name -> symbol of show(k, type id) -> text. */
  readonly types: readonly {
    readonly group: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
  /** create(k, mdev id) and remove(k, mdev id) -> result. */
  readonly create: string;
  readonly remove: string;
  /** open(k, mdev id) -> result, release(k, mdev id). */
  readonly open: string;
  readonly release: string;
  /** read(k, mdev id, offset, count) -> bytes or error; write(k, mdev id, offset, bytes) -> count or error. */
  readonly read: string;
  readonly write: string;
  /** mmap(k, mdev id, offset, pages) -> offset in the parent's BAR 2 or an error. */
  readonly mmap: string;
  /** ioctl(k, mdev id, request name, argument) -> result and what it filled in (CallResult); "" or absent: EINVAL. */
  readonly ioctl?: string;
}

export interface MdevTables {
  parents: Record<number, MdevParent>;
  types: Record<number, MdevType>;
  devices: Record<number, MdevDevice>;
  operations: Record<string, MdevParentOps>;
}

export const emptyMdev = (): MdevTables => ({
  parents: {},
  types: {},
  devices: {},
  operations: {},
});
