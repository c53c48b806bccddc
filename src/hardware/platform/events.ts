// What PCI and the devices report besides the remapping unit.
import type { RequesterId } from "../../base/brand.ts";

export type DeviceEvent =
  /** A function put a request on the bus under its own name; `requester` is what the unit sees (an alias behind a conventional bridge). */
  | {
      readonly kind: "bus request";
      readonly function: RequesterId;
      readonly requester: RequesterId;
      /** Work queue that asked, or null. */
      readonly queue: number | null;
    }
  /** A request that never reached the unit, and why. */
  | {
      readonly kind: "not sent";
      readonly function: RequesterId;
      readonly because:
        | "bus master is off"
        | "PASID is not enabled in the function"
        | "the function's PASID width is smaller"
        | "turned to a peer below the unit"
        | "blocked by ACS source validation"
        | "blocked by ACS translation blocking"
        | "there is no such function";
    }
  /** A work queue took (or refused) a descriptor. */
  | {
      readonly kind: "work submitted";
      readonly function: RequesterId;
      readonly queue: number;
      readonly accepted: boolean;
    }
  /** A descriptor was carried out. `status`: the completion record's status byte. */
  | {
      readonly kind: "work done";
      readonly function: RequesterId;
      readonly queue: number;
      readonly operation: string;
      readonly status: number;
    }
  /**
   * An event register of the remapping unit: its message was sent, is held back by IM (IP is set), or was withdrawn because
   * software cleared the condition first (IP is clear).
   */
  | {
      readonly kind: "unit event";
      readonly register: "FECTL" | "IECTL" | "PECTL";
      readonly did: "sent" | "held back" | "withdrawn";
    }
  /** The fault event of the remapping unit (or another message) reached the processor. */
  | { readonly kind: "message"; readonly address: bigint; readonly data: number };
