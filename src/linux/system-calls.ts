// Entry from processes: each call is recorded, carried out for the process, and its result recorded.
import { canonical } from "../base/canonical.ts";
import type { CallResult, SystemCall } from "./calls.ts";
import { openPath, readAttribute, writeAttribute } from "./core/attributes.ts";
import { fileOfDescriptor, getFile, operationsOf, putFile } from "./core/files.ts";
import { load, movdir64b, store } from "./core/instructions.ts";
import { names, resolve } from "./core/listing.ts";
import { closeDescriptor, exit, map, unmap } from "./core/processes.ts";
import { load_module, unload_module } from "./core/symbols.ts";
import { ERRNO } from "./kernel/errno.ts";
import { invokeSleeping, type Kernel } from "./kernel/kernel.ts";
import type { Sleep } from "./kernel/scheduler.ts";

const result = (value: number): CallResult => ({ result: value, value: null });

/** Runs one call of a process; errors are negative results, nothing is thrown. It belongs inside a task of the scheduler. */
export function* systemCall(k: Kernel, process: number, call: SystemCall): Sleep<CallResult> {
  const { task } = k;
  const { call: name, ...fields } = call;
  const record = k.state.core.processes[process];
  k.record({
    kind: "system call",
    task,
    process: record?.name ?? "",
    name,
    arguments: canonical(fields),
  });
  k.state.core.tasks[task] = process;
  const answer =
    record && !record.exited ? yield* carryOut(k, process, call) : result(-ERRNO.ESRCH);
  delete k.state.core.tasks[task];
  const value = answer.value === null ? "" : canonical(answer.value);
  k.record({ kind: "system call returned", task, result: answer.result, value });
  return answer;
}

/** Starts a call as a task of its own; `done` gets what it returned. The task's number. */
export function startSystemCall(
  k: Kernel,
  process: number,
  call: SystemCall,
  done: (answer: CallResult) => void,
): number {
  const name = `${k.state.core.processes[process]?.name ?? ""} ${call.call}`;
  let answer: CallResult = result(-ERRNO.ESRCH);
  function* steps(): Sleep<number> {
    answer = yield* systemCall(k, process, call);
    return answer.result;
  }
  return k.scheduler.start(name, steps(), () => done(answer));
}

function* carryOut(k: Kernel, process: number, call: SystemCall): Sleep<CallResult> {
  switch (call.call) {
    case "open":
      return result(yield* openPath(k, process, call.path));
    case "close":
      return result(yield* closeDescriptor(k, process, call.fd));
    case "read":
    case "write":
    case "pread":
    case "pwrite":
    case "ioctl":
      return yield* onFile(k, process, call);
    case "mmap":
      return yield* mapped(k, process, call);
    case "munmap":
      return result(yield* unmap(k, process, call.address, call.length));
    case "getdents": {
      const inside = names(k.state, call.path);
      return typeof inside === "number" ? result(inside) : { result: inside.length, value: inside };
    }
    case "readlink":
      return readlink(k, call.path);
    case "init_module":
    case "delete_module":
      if (!k.state.core.processes[process]?.privileged) return result(-ERRNO.EPERM);
      if (call.call === "delete_module") return result(yield* unload_module(k, call.name));
      return result(yield* load_module(k, call.name, call.parameters));
    case "movdir64b":
      return movdir64b(k, process, call.address, call.bytes);
    case "store":
      return store(k, process, call.address, call.bytes);
    case "load":
      return load(k, process, call.address, call.count);
    case "exit":
      return result(yield* exit(k, process));
  }
}

type FileCall = Extract<SystemCall, { call: "read" | "write" | "pread" | "pwrite" | "ioctl" }>;

/** The file stays alive while the call is inside it, also when its descriptor is closed meanwhile. */
function* onFile(k: Kernel, process: number, call: FileCall): Sleep<CallResult> {
  const file = fileOfDescriptor(k, process, call.fd);
  if (file === 0) return result(-ERRNO.EBADF);
  getFile(k, file);
  const answer = yield* inFile(k, process, file, call);
  yield* putFile(k, file);
  return answer;
}

function* inFile(k: Kernel, process: number, file: number, call: FileCall): Sleep<CallResult> {
  const record = k.state.core.files[file];
  if (!record) return result(-ERRNO.EBADF);
  const { fops } = record;
  if (call.call === "ioctl") return yield* ioctl(k, file, call);
  if (fops === "directory") {
    return result(call.call === "read" || call.call === "pread" ? -ERRNO.EISDIR : -ERRNO.EBADF);
  }
  if (fops === "attribute" && call.call === "read") return yield* readAttribute(k, process, record);
  if (fops === "attribute" && call.call === "write") {
    return result(yield* writeAttribute(k, process, record, call.text));
  }
  const symbol = operationsOf(k, file)[call.call] ?? "";
  if (symbol === "") return result(-ERRNO.EINVAL);
  switch (call.call) {
    case "read":
      return textOrError(yield* invokeSleeping<string | number>(k, symbol, file), 1);
    case "pread": {
      if (call.offset < 0 || call.count < 0) return result(-ERRNO.EINVAL);
      const answer = invokeSleeping<string | number>(k, symbol, file, call.offset, call.count);
      return textOrError(yield* answer, 2);
    }
    case "write":
      return result(yield* invokeSleeping(k, symbol, file, call.text));
    case "pwrite":
      if (call.offset < 0 || !/^([0-9a-fA-F]{2})*$/.test(call.bytes)) return result(-ERRNO.EINVAL);
      return result(yield* invokeSleeping(k, symbol, file, call.offset, call.bytes));
  }
}

const textOrError = (answer: string | number, perByte: 1 | 2): CallResult =>
  typeof answer === "number" ? result(answer) : { result: answer.length / perByte, value: answer };

function* ioctl(
  k: Kernel,
  file: number,
  call: Extract<SystemCall, { call: "ioctl" }>,
): Sleep<CallResult> {
  const symbol = operationsOf(k, file).ioctl ?? "";
  if (symbol === "") return result(-ERRNO.ENOTTY);
  const { request, argument } = call;
  const answer = yield* invokeSleeping<CallResult | number>(k, symbol, file, request, argument);
  return typeof answer === "number" ? result(answer) : answer;
}

function* mapped(
  k: Kernel,
  process: number,
  call: Extract<SystemCall, { call: "mmap" }>,
): Sleep<CallResult> {
  const file = call.fd === undefined ? 0 : fileOfDescriptor(k, process, call.fd);
  if (call.fd !== undefined && file === 0) return result(-ERRNO.EBADF);
  return result(yield* map(k, process, call.length, file, call.offset ?? 0));
}

function readlink(k: Kernel, path: string): CallResult {
  const found = resolve(k.state, path, false);
  if (typeof found === "number") return result(found);
  const { node } = found;
  return node.kind === "link"
    ? { result: node.target.length, value: node.target }
    : result(-ERRNO.EINVAL);
}
