// Every module of this folder, so that one import makes all their functions known.
import { DMATEST_MODULE } from "./dmatest.ts";
import { IDXD_MODULE } from "./idxd/probe.ts";
import "./idxd/regions.ts";
import { MBOCHS_OPERATIONS, MDPY_OPERATIONS } from "./samples/displays.ts";
import { MTTY_OPERATIONS } from "./samples/mtty.ts";

/** Names of the modules that can be loaded for parents of mdevs and the host's own DMA. */
export const PARENT_MODULES: readonly string[] = [
  IDXD_MODULE.name,
  DMATEST_MODULE.name,
  MTTY_OPERATIONS.name,
  MDPY_OPERATIONS.name,
  MBOCHS_OPERATIONS.name,
];
