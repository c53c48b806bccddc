// Every check by its name. Hardware checks come first; the two kinds never see each other's view.
import {
  ADDRESS_NOT_REUSED,
  CACHES_AGREE,
  NOTHING_LEFT,
  PASID_NOT_REUSED_EARLY,
  PASIDS_IN_RANGE,
  QUEUES_HAVE_ENTRIES,
  REACHES,
} from "./caches.ts";
import {
  FREE_PAGES_OUT_OF_REACH,
  GROUPS_OWNED_WHOLE,
  PASID_REACHES_ITS_OWNER,
  TABLES_OUT_OF_REACH,
  UNMAPPED_IS_UNREACHABLE,
  VENDOR_MDEV_KEPT_BY_TABLES,
} from "./owners.ts";
import { RESERVED_NOT_MAPPED, RESERVED_STILL_REACHED } from "./reserved.ts";
import { REVIEW_CHECKS } from "./review.ts";
import type { Check, HardwareCheck } from "./types.ts";

export const HARDWARE_CHECKS: readonly HardwareCheck[] = [
  PASID_REACHES_ITS_OWNER,
  UNMAPPED_IS_UNREACHABLE,
  PASID_NOT_REUSED_EARLY,
  VENDOR_MDEV_KEPT_BY_TABLES,
  GROUPS_OWNED_WHOLE,
  TABLES_OUT_OF_REACH,
  FREE_PAGES_OUT_OF_REACH,
  CACHES_AGREE,
  ADDRESS_NOT_REUSED,
  QUEUES_HAVE_ENTRIES,
  PASIDS_IN_RANGE,
  RESERVED_NOT_MAPPED,
  RESERVED_STILL_REACHED,
  NOTHING_LEFT,
  REACHES,
];

export const CHECKS: ReadonlyMap<string, Check> = new Map(
  [...HARDWARE_CHECKS, ...REVIEW_CHECKS].map((check) => [check.id, check]),
);
