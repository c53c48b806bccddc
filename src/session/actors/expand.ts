// From what an actor wants to the system calls of a program: the one way in which demands reach the kernel.
// Programs see what calls return and what the actor remembers, never the kernel or the design.
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import type { ActorName, Demand } from "../document.ts";
import { deviceWork } from "./guest.ts";
import {
  bindDriver,
  createMdev,
  hostCopy,
  loadModule,
  removeMdev,
  unbindDriver,
  unloadModule,
} from "./shell.ts";
import type { ActorResult, ActorState } from "./state.ts";
import { assignDevice, map, releaseDevice, startVm, stopVm, unmap } from "./vm.ts";

/** The program of a demand. Give each call's result to `next`. Memory of the actor: `newActor()` at first, then that of the last result. */
export function expand(
  demand: Demand,
  _actor: ActorName,
  memory: ActorState,
): Generator<SystemCall, ActorResult, CallResult> {
  switch (demand.want) {
    case "load module":
      return loadModule(memory, demand.module, demand.parameters ?? "");
    case "unload module":
      return unloadModule(memory, demand.module);
    case "bind driver":
      return bindDriver(memory, demand.device, demand.driver);
    case "unbind driver":
      return unbindDriver(memory, demand.device);
    case "create mdev":
      return createMdev(memory, demand.parent, demand.type, demand.uuid);
    case "remove mdev":
      return removeMdev(memory, demand.uuid);
    case "start VM":
      return startVm(memory, demand.pages);
    case "assign device":
      return assignDevice(memory, demand.device, Number(demand.at ?? 0));
    case "release device":
      return releaseDevice(memory, demand.device);
    case "stop VM":
      return stopVm(memory);
    case "map": {
      const { page, pages } = demand;
      const mapping = { iova: Number(demand.iova), page, pages };
      return map(memory, mapping, demand.access ?? "read and write");
    }
    case "unmap":
      return unmap(memory, Number(demand.iova), demand.pages);
    case "device copy": {
      const [source, destination] = [BigInt(demand.from), BigInt(demand.to)];
      const { device, length } = demand;
      return deviceWork(memory, device, { operation: "copy", source, destination, length });
    }
    case "device fill": {
      const source = BigInt(`0x${demand.pattern ?? "a5a5a5a5a5a5a5a5"}`);
      const destination = BigInt(demand.to);
      const { device, length } = demand;
      return deviceWork(memory, device, { operation: "fill", source, destination, length });
    }
    case "host copy":
      return hostCopy(memory, demand.device, demand.pages);
  }
}
