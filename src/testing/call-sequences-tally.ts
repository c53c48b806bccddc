// Counts what random calls did: by kind of call how many and how many succeeded, and which errors came, from where.
import { errnoName } from "../linux/kernel/errno.ts";
import type { SessionEvent } from "../session/types.ts";

export interface Count {
  calls: number;
  done: number;
}

export class Tally {
  /** By kind: "mmap", "ioctl VFIO_SET_IOMMU", "write create". */
  readonly kinds = new Map<string, Count>();
  /** How often a call returned each error. */
  readonly errors = new Map<string, number>();
  /** "mdev_device_create EEXIST": errors by the kernel function that gave them. */
  readonly origins = new Map<string, number>();
  operations = 0;
  /** Calls under way, by task. */
  readonly #calls = new Map<number, { readonly kind: string; readonly path: string }>();
  /** Paths of open files: "root 5". */
  readonly #paths = new Map<string, string>();

  get all(): Count {
    const sum = { calls: 0, done: 0 };
    for (const { calls, done } of this.kinds.values()) {
      sum.calls += calls;
      sum.done += done;
    }
    return sum;
  }

  /** A sequence begins: nothing is open. */
  begin(): void {
    this.#calls.clear();
    this.#paths.clear();
  }

  add(events: readonly SessionEvent[]): void {
    this.operations++;
    const symbols = new Map<number, string>();
    for (const event of events) {
      if (event.kind === "enter") symbols.set(event.call, event.symbol);
      else if (event.kind === "leave") this.#left(symbols.get(event.call) ?? "", event.result);
      else if (event.kind === "system call") {
        const fields = JSON.parse(event.arguments) as Readonly<Record<string, unknown>>;
        const path = fields["path"] ?? this.#paths.get(`${event.process} ${fields["fd"]}`) ?? "";
        const kind = kindOf(event.name, fields, String(path));
        this.#calls.set(event.task, { kind, path: `${event.process}\n${path}` });
      } else if (event.kind === "system call returned") this.#returned(event.task, event.result);
    }
  }

  #left(symbol: string, result: string): void {
    const error = result.startsWith("-") ? errnoName(Number(result)) : undefined;
    if (error) bump(this.origins, `${symbol} ${error}`);
  }

  #returned(task: number, result: number): void {
    const { kind, path } = this.#calls.get(task) ?? { kind: "", path: "" };
    this.#calls.delete(task);
    const count = this.kinds.get(kind) ?? { calls: 0, done: 0 };
    this.kinds.set(kind, count);
    count.calls++;
    if (result >= 0) count.done++;
    else bump(this.errors, errnoName(result) ?? String(result));
    const [process = "", file = ""] = path.split("\n");
    if (kind === "open" && result >= 0) this.#paths.set(`${process} ${result}`, file);
  }

  /** Lines for people. */
  lines(): string[] {
    const { calls, done } = this.all;
    const kinds = [...this.kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    const errors = [...this.errors].sort(([, a], [, b]) => b - a);
    return [
      `${calls} calls, ${done} succeeded (${((100 * done) / calls).toFixed(1)} %)`,
      ...kinds.map(([kind, count]) => `  ${kind}: ${count.done} of ${count.calls}`),
      `errors: ${errors.map(([name, count]) => `${name} ${count}`).join(", ")}`,
    ];
  }
}

const bump = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** Writes are told apart by the file, ioctls by the request. */
function kindOf(name: string, fields: Readonly<Record<string, unknown>>, path: string): string {
  if (name === "ioctl") return `ioctl ${fields["request"]}`;
  if (name === "write") return `write ${path.split("/").at(-1)}`;
  if (name === "mmap") return fields["fd"] === undefined ? "mmap" : "mmap of a device";
  return name;
}
