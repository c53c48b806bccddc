// What page and opening worker say to each other.
import type { Problem } from "../../base/result.ts";
import type { StoreParts } from "../../hardware/memory/store.ts";
import type { RegisterListing } from "../../interchange/register-listing.ts";

/** A file, under the name that messages use. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
}

export interface OpenOrder {
  readonly tables: NamedBlob;
  readonly registers: NamedBlob;
  /** Host address width in bits; null: what the unit's registers give. */
  readonly haw: number | null;
}

export type OpenReply =
  | { readonly kind: "progress"; readonly what: string; readonly read: number }
  | { readonly kind: "failed"; readonly problem: Problem }
  | {
      readonly kind: "done";
      readonly parts: StoreParts;
      readonly listing: RegisterListing;
      readonly haw: number;
      /** Of memory and registers, 24 hex digits. */
      readonly digest: string;
    };
