// What an actor remembers between demands: descriptors, its memory, what it mapped. Plain records, kept by the session.

/** A run of VM memory that the VMM mapped for devices. */
export interface MappedMemory {
  /** First I/O address, a multiple of 4096. */
  readonly iova: number;
  /** First page, counted from the first of the VM. */
  readonly page: number;
  readonly pages: number;
}

/** A device that the VMM holds open. */
export interface AssignedDevice {
  /** Descriptors of /dev/vfio/GROUP and of the device. */
  readonly group: number;
  readonly device: number;
  /** Offset of region 2, the portal, in the device's file; -1: it has none. */
  readonly region: number;
  /** User address of the mapped portal; 0: the region is emulated. */
  readonly portal: number;
}

export interface ActorState {
  /** Memory of the VM; null: it does not run. */
  readonly vm: { readonly address: number; readonly pages: number } | null;
  /** Descriptor of the container; -1: none. */
  readonly container: number;
  /** By the name that demands use. */
  readonly devices: Readonly<Record<string, AssignedDevice>>;
  /** Oldest first. */
  readonly mapped: readonly MappedMemory[];
}

export const newActor = (): ActorState => ({ vm: null, container: -1, devices: {}, mapped: [] });

export interface ActorResult {
  /** 0 or more: done; a negative error number: the call that failed. */
  readonly result: number;
  /** What could not be done and why, for people; null when all went well. */
  readonly problem: string | null;
  /** What the actor remembers from now on. */
  readonly memory: ActorState;
}
