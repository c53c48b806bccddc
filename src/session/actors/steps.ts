// Pieces that programs are made of: one call, a write to a file, and an ending.
import type { CallResult, IoctlArgument, SystemCall } from "../../linux/calls.ts";
import { ERRNO_TEXT, errnoName } from "../../linux/kernel/errno.ts";
import type { ActorResult, ActorState } from "./state.ts";

/** A program: it makes calls, is told what they return, and ends with a T. */
export type Program<T> = Generator<SystemCall, T, CallResult>;

/** One call; its number. */
export function* make(call: SystemCall): Program<number> {
  return (yield call).result;
}

/** An ioctl and all that it hands back. */
export function* ioctl(fd: number, request: string, argument: IoctlArgument): Program<CallResult> {
  return yield { call: "ioctl", fd, request, argument };
}

/** `echo TEXT > PATH`: what the write returned, or why the file would not open. */
export function* writeFile(path: string, text: string): Program<number> {
  const fd = yield* make({ call: "open", path });
  if (fd < 0) return fd;
  const written = yield* make({ call: "write", fd, text });
  yield* make({ call: "close", fd });
  return written;
}

/** "Device or resource busy (EBUSY)". */
export function errorText(result: number): string {
  const name = errnoName(result);
  return name ? `${ERRNO_TEXT[name]} (${name})` : `error ${-result}`;
}

export const done = (memory: ActorState, result = 0): ActorResult => ({
  result: Math.max(result, 0),
  problem: null,
  memory,
});

/** `what`: the step that failed, as "Opening the group". */
export const failed = (memory: ActorState, what: string, result: number): ActorResult => ({
  result,
  problem: `${what}: ${errorText(result)}.`,
  memory,
});

/** A field of what an ioctl handed back; 64-bit fields may come as hexadecimal text. */
export function field(value: CallResult["value"], name: string): number {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return 0;
  const found = (value as Readonly<Record<string, number | string>>)[name];
  return Number(found ?? 0);
}

/** "0x1000". */
export const hex = (value: number): string => `0x${value.toString(16)}`;
