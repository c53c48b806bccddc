// Sentences for the live region: what an operation did.

import { formatBdf } from "../base/bdf.ts";
import { hex, pasidHex, plainHex } from "../base/hex.ts";
import { errnoName } from "../linux/kernel/errno.ts";
import { interruptWords, processTitle } from "../scene/words.ts";
import type { Demand, KernelOperation } from "../session/document.ts";
import type { MachineInfo, Moment, Operation } from "../session/types.ts";

const ACCESS_WORDS = { read: "Read", write: "Write", atomic: "Atomic" } as const;

const plural = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

/** "Write by 6a:01.0, PASID 0x041, reached 0x2_245d_9d48 after 8 reads." */
export function sayMoment(moment: Moment, info: MachineInfo): string {
  const { operation, outcome, events } = moment;
  if (operation.op === "edit") {
    const words = 1 + (operation.more?.length ?? 0);
    if (words > 1) {
      return `${words} words from ${hex(operation.address)} on are stored. No cache was told.`;
    }
    return `The word at ${hex(operation.address)} is ${hex(operation.value)} now. No cache was told.`;
  }
  if (operation.op === "invalidate") {
    const dropped = events.filter((event) => event.kind === "drop").length;
    const failed = events.some((event) => event.kind === "descriptor" && event.error !== 0);
    const commands = plural(operation.descriptors.length, "descriptor");
    return failed
      ? `The invalidation queue stopped at a descriptor that it does not accept.`
      : `${commands} handed over, ${plural(dropped, "cached entry", "cached entries")} gone.`;
  }
  if (operation.op === "register write") {
    if (operation.more) return `${1 + operation.more.length} registers are written.`;
    return `${hex(operation.value)} is written to the register at ${plainHex(operation.offset)}.`;
  }
  if (operation.op !== "dma")
    return `${sayOperation(operation)}${sayAnswers(moment)}${sayAccesses(moment)}`;
  const name = info.names.get(operation.requester);
  const bdf = formatBdf(operation.requester);
  const sender = name ? `${name} (${bdf})` : bdf;
  const tag = operation.pasid === null ? "" : `, PASID ${pasidHex(operation.pasid)},`;
  const subject = `${ACCESS_WORDS[operation.access]} by ${sender}${tag}`;
  if (!outcome) return `${subject.replace(/,$/, "")}.`;
  if (outcome.fault !== null) {
    return `${subject} was refused with fault ${plainHex(outcome.fault, 2)}.`;
  }
  if (outcome.kind === "interrupt") return `${subject} ${interruptWords(operation.access)}`;
  const target = outcome.pieces[0]?.target;
  const reads = events.filter((event) => event.kind === "read").length;
  const cached = events.some((event) => event.kind === "reached" && event.how === "iotlb");
  const way = cached ? "through the IOTLB" : `after ${plural(reads, "read")}`;
  return target === null || target === undefined
    ? `${subject} reached nothing.`
    : `${subject} reached ${hex(target)} ${way}.`;
}

/** "The stream has stopped after 120 requests. The last: Write by …" */
export function sayStreamed(moment: Moment | undefined, info: MachineInfo): string {
  const { operation } = moment ?? {};
  if (!moment || operation?.op !== "dma" || !operation.repeat) return "The stream has stopped.";
  const requests = plural(operation.repeat, "request");
  return `The stream has stopped after ${requests}. The last: ${sayMoment(moment, info)}`;
}

/** "Undone: the edit of the word at 0x1_06c0_5040." */
export function sayUndone(operation: Operation): string {
  switch (operation.op) {
    case "dma":
      return `Undone: the ${operation.access} by ${formatBdf(operation.requester)}.`;
    case "edit":
      return operation.more
        ? `Undone: the edit of ${1 + operation.more.length} words from ${hex(operation.address)} on.`
        : `Undone: the edit of the word at ${hex(operation.address)}.`;
    case "invalidate":
      return "Undone: the invalidation.";
    case "register write":
      if (operation.more) return `Undone: the writes to ${1 + operation.more.length} registers.`;
      return `Undone: the write to the register at ${plainHex(operation.offset)}.`;
    default:
      return `Undone: ${sayOperation(operation)}`;
  }
}

/** "VM-A assigns a device (a297db4a-…)." */
export function sayOperation(operation: Extract<Operation, KernelOperation>): string {
  switch (operation.op) {
    case "call":
      return `${processTitle(operation.process)} calls ${operation.call.call}().`;
    case "demand":
      return `${processTitle(operation.actor)}: ${sayDemand(operation.demand)}.`;
    case "together":
      return `${plural(operation.calls.length, "call")} at once.`;
    case "wait":
      return `${plural(operation.microseconds, "microsecond")} pass.`;
  }
}

/** "assign device a297db4a-…, at 0x0". */
export function sayDemand({ want, ...rest }: Demand): string {
  const details = Object.values(rest).map((value) => String(value));
  return details.length === 0 ? want : `${want}, ${details.join(", ")}`;
}

/** What became of the calls: the first problem, or nothing. */
function sayAnswers({ answers = [] }: Moment): string {
  const failed = answers.find(({ result, problem }) => problem !== null || result < 0);
  if (!failed) return "";
  return ` ${failed.problem ?? `It returned ${errnoName(failed.result) ?? failed.result}.`}`;
}

/** What became of the DMA in it: nothing when there was none. */
function sayAccesses({ events }: Moment): string {
  const reached = events.flatMap((event) => (event.kind === "reached" ? [event.how] : []));
  const refused = events.flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
  const cached = reached.filter((how) => how === "iotlb").length;
  const some = cached < reached.length ? `${cached} of them ` : "";
  const way = cached > 0 ? `, ${some}through the IOTLB` : "";
  const there =
    reached.length > 0
      ? ` ${plural(reached.length, "access", "accesses")} reached memory${way}.`
      : "";
  const reasons = [...new Set(refused)].map((reason) => plainHex(reason, 2)).join(", ");
  return refused.length > 0
    ? `${there} ${plural(refused.length, "access", "accesses")} refused with fault ${reasons}.`
    : there;
}
