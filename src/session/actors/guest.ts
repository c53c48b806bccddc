// Programs of a guest's driver: give work to the device's queue and read how it ended.
import { COMPLETION_BYTES, completionStatus, descriptorText, type Work } from "./descriptor.ts";
import type { ActorResult, ActorState } from "./state.ts";
import { done, failed, make, type Program } from "./steps.ts";

const PAGE = 4096;

/** Where the guest keeps completion records: the last page of the VM, if devices can reach it. */
function completionPlace(
  memory: ActorState,
): { readonly iova: number; readonly user: number } | null {
  if (!memory.vm) return null;
  const page = memory.vm.pages - 1;
  const run = memory.mapped.find((m) => m.page <= page && page < m.page + m.pages);
  if (!run) return null;
  return { iova: run.iova + (page - run.page) * PAGE, user: memory.vm.address + page * PAGE };
}

/** Submits through the mapped portal (MOVDIR64B), or by a write to the emulated region. The result is the bytes of the work. */
export function* deviceWork(
  memory: ActorState,
  name: string,
  work: Omit<Work, "completion">,
): Program<ActorResult> {
  const held = memory.devices[name];
  if (!held || held.region < 0) {
    const problem = held ? `${name} has no queue.` : `The VM does not have ${name}.`;
    return { result: -19, problem, memory };
  }
  const place = completionPlace(memory);
  if (place) {
    yield* make({ call: "store", address: place.user, bytes: "00".repeat(COMPLETION_BYTES) });
  }
  const bytes = descriptorText({ ...work, completion: BigInt(place?.iova ?? 0) });
  const submitted =
    held.portal === 0
      ? yield* make({ call: "pwrite", fd: held.device, offset: held.region, bytes })
      : yield* make({ call: "movdir64b", address: held.portal, bytes });
  if (submitted < 0) return failed(memory, "Giving work to the queue", submitted);
  if (!place) return done(memory, work.length);
  const record = yield { call: "load", address: place.user, count: COMPLETION_BYTES };
  const status = completionStatus(String(record.value ?? ""));
  if (status === 1) return done(memory, work.length);
  const problem =
    status === 0
      ? "The queue wrote no completion record."
      : `The queue ended the work with status 0x${status.toString(16).padStart(2, "0")}.`;
  return { result: -5, problem, memory };
}
