// Machines that scenarios name instead of describing them.
import type { MachineDescription } from "../document.ts";
import { DESK } from "./desk.ts";
import { SAMPLES } from "./samples.ts";
import { SERVER } from "./server.ts";

export const PRESETS: ReadonlyMap<string, MachineDescription> = new Map([
  ["server", SERVER],
  ["desk", DESK],
  ["samples", SAMPLES],
]);
