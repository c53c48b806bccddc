// Every structure that has a layout table, by id; and the structure behind each kind of table a walk reads.
import type { TableKind } from "../vtd/events.ts";
import { DESCRIPTORS } from "./descriptors.ts";
import { FIRST_STAGE_ENTRY, SECOND_STAGE_ENTRY } from "./paging.ts";
import { PASID_DIRECTORY_ENTRY, PASID_ENTRY } from "./pasid.ts";
import { REGISTERS } from "./registers.ts";
import { CONTEXT_LEGACY, CONTEXT_SCALABLE, ROOT_LEGACY, ROOT_SCALABLE } from "./root-context.ts";
import type { Structure } from "./types.ts";

/** All layouts, each id once. */
export const STRUCTURES: readonly Structure[] = [
  ROOT_LEGACY,
  ROOT_SCALABLE,
  CONTEXT_LEGACY,
  CONTEXT_SCALABLE,
  PASID_DIRECTORY_ENTRY,
  PASID_ENTRY,
  FIRST_STAGE_ENTRY,
  SECOND_STAGE_ENTRY,
  ...DESCRIPTORS.flatMap(({ narrow, wide }) => [narrow, wide]),
  ...REGISTERS,
];

/** The layout of an entry that a walk reads; root and context entries differ by table mode. */
export function tableStructure(table: TableKind, scalable: boolean): Structure {
  switch (table) {
    case "root entry":
      return scalable ? ROOT_SCALABLE : ROOT_LEGACY;
    case "context entry":
      return scalable ? CONTEXT_SCALABLE : CONTEXT_LEGACY;
    case "PASID directory entry":
      return PASID_DIRECTORY_ENTRY;
    case "PASID table entry":
      return PASID_ENTRY;
    case "first-stage entry":
      return FIRST_STAGE_ENTRY;
    case "second-stage entry":
      return SECOND_STAGE_ENTRY;
  }
}
