// mutex and rwsem of the kernel, as records; taking one is a yield point, and waiting for one really waits.
import type { Kernel } from "./kernel.ts";
import type { Sleep } from "./scheduler.ts";

/** mutex_lock() and down_write(). `name` says which, e.g. "mdev_list_lock" or "unreg_sem 12". */
export function* lock(k: Kernel, name: string): Sleep<void> {
  const free = () => !(name in k.state.locks);
  yield { point: `lock ${name}`, ready: free };
  k.state.locks[name] = { writer: k.task, readers: [] };
}

/** mutex_unlock() and up_write(). */
export function unlock(k: Kernel, name: string): void {
  delete k.state.locks[name];
}

/** down_read_trylock(): 1 when taken, 0 when a writer holds the lock. Never waits. */
export function tryLockShared(k: Kernel, name: string): number {
  const held = k.state.locks[name];
  if (held && held.writer !== 0) return 0;
  if (held) held.readers.push(k.task);
  else k.state.locks[name] = { writer: 0, readers: [k.task] };
  return 1;
}

/** down_read(). */
export function* lockShared(k: Kernel, name: string): Sleep<void> {
  const free = () => (k.state.locks[name]?.writer ?? 0) === 0;
  yield { point: `lock ${name} shared`, ready: free };
  tryLockShared(k, name);
}

/** up_read(). */
export function unlockShared(k: Kernel, name: string): void {
  const held = k.state.locks[name];
  if (!held) return;
  held.readers.splice(held.readers.indexOf(k.task), 1);
  if (held.readers.length === 0) delete k.state.locks[name];
}

/** wait_event(): goes on when `condition` holds. */
export function* wait(point: string, condition: () => boolean): Sleep<void> {
  yield { point, ready: condition };
}

/** A point where the scheduler may let somebody else run. */
export function* pause(point: string): Sleep<void> {
  yield { point };
}
