// A kernel on a fake machine, with the calls of its processes run one by one: for tests of single layers.
import { type BootOptions, boot, handleInterrupt } from "../linux/boot.ts";
import type { CallResult, SystemCall } from "../linux/calls.ts";
import { processNamed } from "../linux/core/processes.ts";
import type { FaultPoint, KernelEvent } from "../linux/kernel/events.ts";
import { Kernel } from "../linux/kernel/kernel.ts";
import type { Sleep } from "../linux/kernel/scheduler.ts";
import { emptyState } from "../linux/kernel/state.ts";
import { startSystemCall } from "../linux/system-calls.ts";
import { type FakeFunction, type FakeMachine, fakeMachine } from "./fake-machine.ts";

export interface FakeKernel {
  readonly k: Kernel;
  readonly machine: FakeMachine;
  readonly events: KernelEvent[];
  /** One call from start to end; undefined: it waits. */
  call(process: string, call: SystemCall): CallResult | undefined;
  /** One operation in which the given ordinals of a fault point strike. */
  failing(point: FaultPoint, ordinals: readonly number[]): void;
  /** A kernel function that sleeps, as a task of its own; undefined: it waits. */
  run<R>(steps: Sleep<R>): R | undefined;
  /** Opens, writes and closes, as `echo` does: what write gave, or the error of open. */
  echo(process: string, path: string, text: string): number | undefined;
  /** Text of a file, or the error of open or read. */
  cat(process: string, path: string): string | number | undefined;
}

export function fakeKernel(
  functions: readonly FakeFunction[] = [],
  options: Partial<BootOptions> = {},
  pages = 4096,
): FakeKernel {
  const machine = fakeMachine(functions, pages);
  const events: KernelEvent[] = [];
  const k = new Kernel({
    machine,
    state: emptyState(),
    replacements: new Map(),
    onEvent: (event) => events.push(event),
    onInterrupt: handleInterrupt,
  });
  k.beginOperation();
  boot(k, {
    commandLine: "",
    modules: [],
    processes: [{ name: "root", privileged: true }, { name: "vm-a" }, { name: "vm-b" }],
    ...options,
  });
  const call = (process: string, what: SystemCall): CallResult | undefined => {
    let answer: CallResult | undefined;
    startSystemCall(k, processNamed(k, process), what, (given) => {
      answer = given;
    });
    k.scheduler.run(k);
    return answer;
  };
  return {
    k,
    machine,
    events,
    call,
    failing(point, ordinals) {
      k.beginOperation(ordinals.map((ordinal) => ({ point, ordinal })));
    },
    run<R>(steps: Sleep<R>): R | undefined {
      let answer: R | undefined;
      function* wrapped(): Sleep<number> {
        answer = yield* steps;
        return 0;
      }
      k.scheduler.start("test", wrapped(), () => {});
      k.scheduler.run(k);
      return answer;
    },
    echo(process, path, text) {
      const fd = call(process, { call: "open", path });
      if (!fd || fd.result < 0) return fd?.result;
      const answer = call(process, { call: "write", fd: fd.result, text: `${text}\n` });
      call(process, { call: "close", fd: fd.result });
      return answer?.result;
    },
    cat(process, path) {
      const fd = call(process, { call: "open", path });
      if (!fd || fd.result < 0) return fd?.result;
      const answer = call(process, { call: "read", fd: fd.result });
      call(process, { call: "close", fd: fd.result });
      return typeof answer?.value === "string" ? answer.value : answer?.result;
    },
  };
}
