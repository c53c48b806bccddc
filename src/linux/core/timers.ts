// Timers of the kernel: they run when simulated time has passed their due moment (kernel/time/timer.c, v5.12).
import { invoke, type Kernel } from "../kernel/kernel.ts";

/** Runs `symbol`(k, argument), which must not sleep, so many microseconds from now. The timer's id. */
export function add_timer(
  k: Kernel,
  microseconds: number,
  symbol: string,
  argument: number,
): number {
  const id = k.newId();
  k.state.core.timers[id] = { id, due: k.machine.now() + microseconds, symbol, argument };
  return id;
}

/** True when the timer was still waiting. */
export function del_timer(k: Kernel, id: number): boolean {
  if (!(id in k.state.core.timers)) return false;
  delete k.state.core.timers[id];
  return true;
}

/** When the next timer is due, in simulated microseconds; null: none waits. */
export function nextTimer(k: Kernel): number | null {
  const due = Object.values(k.state.core.timers).map((timer) => timer.due);
  return due.length === 0 ? null : Math.min(...due);
}

/** Runs all timers that are due, earliest first. Call it after time moved, between steps of tasks. */
export function run_timers(k: Kernel): void {
  for (;;) {
    const now = k.machine.now();
    const next = Object.values(k.state.core.timers)
      .filter((timer) => timer.due <= now)
      .sort((a, b) => a.due - b.due || a.id - b.id)[0];
    if (!next) return;
    delete k.state.core.timers[next.id];
    k.record({ kind: "timer", symbol: next.symbol });
    invoke<void>(k, next.symbol, next.argument);
  }
}
