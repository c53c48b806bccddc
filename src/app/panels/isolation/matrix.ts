// The isolation matrix of the open session, read the same way as the hardware checks read it.
import { type AccessFilter, isolationMatrix, type Matrix } from "../../../scene/isolation.ts";
import { reachOf } from "../../../session/checks/reach.ts";
import type { SessionPort } from "../../../session/types.ts";

/** Null: the machine has no actors. */
export function matrixOf(session: SessionPort, filter: AccessFilter): Matrix | null {
  const { world, memory, capabilities, info } = session;
  if (!world) return null;
  const { ledger, queues, kernel, machine } = world;
  const tags = reachOf({
    survey: session.survey(),
    caches: session.cacheEntries(),
    memory,
    capabilities,
    readRegister: (offset, size) => session.readRegister(offset, size),
    ledger,
    platform: machine.platform,
  });
  const processes = Object.values(kernel.core.processes)
    .filter((process) => !process.exited && process.ranges.length > 0)
    .map((process) => process.name);
  return isolationMatrix({
    tags,
    tenants: ledger.tenants,
    queues,
    names: info.names,
    ownerOf: (page) => ledger.ownerOf(page),
    processes,
    filter,
  });
}
