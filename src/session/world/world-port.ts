// What the page and the checks read of a world: kernel records, named results, the ledger, queues, calls that wait.
import type { RequesterId } from "../../base/brand.ts";
import type { Platform } from "../../hardware/platform/platform.ts";
import type { CallResult, SystemCall } from "../../linux/calls.ts";
import type { Kernel } from "../../linux/kernel/kernel.ts";
import type { WorldPort } from "../types.ts";
import { type LedgerState, ledgerOf } from "./ledger.ts";

interface Present extends Pick<WorldPort, "machine" | "design" | "results"> {
  readonly platform: Platform;
  readonly kernel: Kernel;
  readonly ledger: LedgerState;
  peek(process: string, call: SystemCall): CallResult;
  readFile(process: string, path: string): CallResult;
}

export function worldPort(world: Present): WorldPort {
  const { platform } = world;
  const requesters = new Map<string, RequesterId>(
    platform.functions.map((one) => [`0000:${one.description.address}`, one.requester]),
  );
  return {
    machine: world.machine,
    design: world.design,
    get kernel() {
      return world.kernel.state;
    },
    get results() {
      return world.results;
    },
    get ledger() {
      return ledgerOf(world.ledger, {
        ownerOf: (page) => platform.ownerOf(page),
        queues: () => platform.queues(),
        requesterOf: (device) => requesters.get(device),
      });
    },
    get pageOwners() {
      return platform.pageOwners();
    },
    get queues() {
      return platform.queues();
    },
    get now() {
      return platform.now();
    },
    get waiting() {
      return world.kernel.scheduler.live.map(({ id, name, point }) => ({ task: id, name, point }));
    },
    peek: (process, call) => world.peek(process, call),
    readFile: (process, path) => world.readFile(process, path),
  };
}
