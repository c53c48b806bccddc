// Programs of the shell: modules, drivers, mdevs, and the host's own use of a parent device.
import { knownModules } from "../../linux/core/symbols.ts";
import type { ActorResult, ActorState } from "./state.ts";
import { done, failed, make, type Program, writeFile } from "./steps.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Directory of a device under its bus. */
export const deviceDirectory = (device: string): string =>
  UUID.test(device) ? `/sys/bus/mdev/devices/${device}` : `/sys/bus/pci/devices/${device}`;

const ended = (memory: ActorState, what: string, result: number): ActorResult =>
  result < 0 ? failed(memory, what, result) : done(memory);

/** What modules.dep says: the modules that `name` is linked against, in the order in which they have to be there. */
function dependencies(name: string): readonly string[] {
  const needs = knownModules().get(name)?.needs ?? [];
  return [...new Set(needs.flatMap((need) => [...dependencies(need), need]))];
}

/** modprobe: first the modules it depends on, where /sys/module does not show them. */
export function* loadModule(
  memory: ActorState,
  name: string,
  parameters: string,
): Program<ActorResult> {
  for (const need of dependencies(name)) {
    const there = yield { call: "getdents", path: `/sys/module/${need}` };
    if (there.result >= 0) continue;
    const loaded = yield* make({ call: "init_module", name: need, parameters: "" });
    if (loaded < 0) return failed(memory, `Loading the module ${need}`, loaded);
  }
  const result = yield* make({ call: "init_module", name, parameters });
  return ended(memory, `Loading the module ${name}`, result);
}

export function* unloadModule(memory: ActorState, name: string): Program<ActorResult> {
  const result = yield* make({ call: "delete_module", name });
  return ended(memory, `Unloading the module ${name}`, result);
}

/** Takes the device from its driver, if it has one, and gives it to `driver` by driver_override. */
export function* bindDriver(
  memory: ActorState,
  device: string,
  driver: string,
): Program<ActorResult> {
  const directory = deviceDirectory(device);
  const bus = directory.split("/")[3] ?? "pci";
  const bound = yield { call: "readlink", path: `${directory}/driver` };
  if (bound.result >= 0) {
    const left = yield* writeFile(`${directory}/driver/unbind`, device);
    if (left < 0) return failed(memory, `Unbinding ${device}`, left);
  }
  if (bus === "pci") {
    const chosen = yield* writeFile(`${directory}/driver_override`, driver);
    if (chosen < 0) return failed(memory, `Choosing ${driver} for ${device}`, chosen);
  }
  const result = yield* writeFile(`/sys/bus/${bus}/drivers/${driver}/bind`, device);
  return ended(memory, `Binding ${device} to ${driver}`, result);
}

/** Leaves the device without a driver, and open to any that matches it. */
export function* unbindDriver(memory: ActorState, device: string): Program<ActorResult> {
  const directory = deviceDirectory(device);
  const result = yield* writeFile(`${directory}/driver/unbind`, device);
  if (result < 0) return failed(memory, `Unbinding ${device}`, result);
  if (!UUID.test(device)) yield* writeFile(`${directory}/driver_override`, "\n");
  return done(memory);
}

export function* createMdev(
  memory: ActorState,
  parent: string,
  type: string,
  uuid: string,
): Program<ActorResult> {
  const path = `/sys/class/mdev_bus/${parent}/mdev_supported_types/${type}/create`;
  return ended(memory, `Creating the mdev ${uuid}`, yield* writeFile(path, uuid));
}

export function* removeMdev(memory: ActorState, uuid: string): Program<ActorResult> {
  const result = yield* writeFile(`${deviceDirectory(uuid)}/remove`, "1");
  return ended(memory, `Removing the mdev ${uuid}`, result);
}

/** The host kernel copies pages with the parent, through the DMA API: a run of dmatest. */
export function* hostCopy(memory: ActorState, device: string, pages: number): Program<ActorResult> {
  const parameters = "/sys/module/dmatest/parameters";
  const chosen = yield* writeFile(`${parameters}/channel`, device);
  if (chosen < 0) return failed(memory, `Choosing ${device} for dmatest`, chosen);
  const result = yield* writeFile(`${parameters}/run`, String(pages));
  return ended(memory, `Running dmatest on ${device}`, result);
}
