// Lines of operations that share their beginnings, and what is kept of each operation: its moment, and states to go back to.
import type { Saved } from "./machinery.ts";
import type { Branch, Moment, Operation } from "./types.ts";

/** Events kept over all moments; those that were looked at longest ago are dropped first. */
const EVENTS_KEPT = 50_000;
/** States kept; beyond it those that lie closest together are thinned out. */
const STATES_KEPT = 1536;
/** Values that all of them may hold, each counted where it is not shared: some 50 bytes each. */
const VALUES_KEPT = 4_000_000;
/** The latest states are never thinned out. */
const STATES_FRESH = 16;

/** One operation as it was run. Forks share the nodes before them. */
export interface Node {
  moment: Moment;
  /** False: the events of the moment were dropped. */
  complete: boolean;
  /** The state after it, where that is kept. */
  saved: Saved | null;
  /** Values that the saved state keeps alive. */
  size: number;
  /** Effort of everything from the start up to here, in events. */
  effort: number;
  /** True: it cannot be run here and stays without effect. */
  failed: boolean;
}

export interface Line {
  readonly id: number;
  readonly from: Branch["from"];
  readonly nodes: Node[];
  /** Operations that were undone, the next to redo last. */
  undone: Operation[];
}

export class Branches {
  readonly lines: Line[] = [{ id: 0, from: null, nodes: [], undone: [] }];
  /** Nodes with events, oldest look first; from `#first` on. */
  #looked: Node[] = [];
  #events = 0;
  /** Nodes with a saved state, oldest first. */
  #states: Node[] = [];
  #values = 0;
  #branches: readonly Branch[] | null = null;
  #lists = new WeakMap<Line, { moments: readonly Moment[]; operations: readonly Operation[] }>();

  /** The same array until the next change. */
  get branches(): readonly Branch[] {
    this.#branches ??= this.lines.map((line) => ({
      id: line.id,
      from: line.from,
      operations: this.lists(line).operations,
    }));
    return this.#branches;
  }

  /** The same arrays until the next change. */
  lists(line: Line): {
    readonly moments: readonly Moment[];
    readonly operations: readonly Operation[];
  } {
    const known = this.#lists.get(line);
    if (known) return known;
    const moments = line.nodes.map((node) => node.moment);
    const made = { moments, operations: moments.map((moment) => moment.operation) };
    this.#lists.set(line, made);
    return made;
  }

  /** A line that shares the first `operation` nodes of another. */
  fork(line: Line, operation: number): Line {
    const made: Line = {
      id: this.lines.length,
      from: { branch: line.id, operation },
      nodes: line.nodes.slice(0, operation),
      undone: [],
    };
    this.lines.push(made);
    this.#branches = null;
    return made;
  }

  push(line: Line, moment: Moment, work: number): Node {
    const effort = (line.nodes.at(-1)?.effort ?? 0) + work;
    const node: Node = { moment, complete: true, saved: null, size: 0, effort, failed: false };
    line.nodes.push(node);
    this.#keepEvents(node);
    this.#changed(line);
    return node;
  }

  pop(line: Line): Node | undefined {
    const node = line.nodes.pop();
    this.#changed(line);
    return node;
  }

  /** A replay gave the moment of a node again. */
  renew(node: Node, moment: Moment): void {
    if (node.complete) this.#events -= node.moment.events.length;
    this.#looked = this.#looked.filter((other) => other !== node);
    node.moment = moment;
    node.complete = true;
    this.#keepEvents(node);
    this.#changed(null);
  }

  /** Keeps a state after `node`, and thins out others. */
  save(node: Node, saved: Saved): void {
    node.saved = saved;
    node.size = saved.size ?? 0;
    this.#values += node.size;
    this.#states.push(node);
    while (
      this.#states.length > STATES_KEPT ||
      (this.#values > VALUES_KEPT && this.#states.length > STATES_FRESH + 2)
    ) {
      this.#thinOut();
    }
  }

  /** Drops the state that is missed least. */
  #thinOut(): void {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.#states.length - STATES_FRESH; i++) {
      const before = this.#states[i - 1] as Node;
      const after = this.#states[i + 1] as Node;
      const gap = Math.abs(after.effort - before.effort);
      if (gap < least) [best, least] = [i, gap];
    }
    const [dropped] = this.#states.splice(best, 1);
    const next = this.#states[best];
    if (!dropped) return;
    // What the next one shared with it stays alive for the next one's sake.
    if (next && next.size < dropped.size) {
      this.#values += dropped.size - next.size;
      next.size = dropped.size;
    }
    this.#values -= dropped.size;
    dropped.saved = null;
  }

  /** Forgets every state, every event and every moment: the machine is another one. */
  clear(): void {
    for (const line of this.lines) {
      line.nodes.forEach((node, index) => {
        const { operation } = node.moment;
        const moment = { operation, events: [], outcome: null };
        line.nodes[index] = {
          ...node,
          moment,
          complete: false,
          saved: null,
          size: 0,
          failed: false,
        };
      });
    }
    this.#looked = [];
    this.#events = 0;
    this.#states = [];
    this.#values = 0;
    this.#changed(null);
  }

  #keepEvents(node: Node): void {
    this.#looked.push(node);
    this.#events += node.moment.events.length;
    let dropped = 0;
    while (this.#events > EVENTS_KEPT && dropped < this.#looked.length - 1) {
      const oldest = this.#looked[dropped++] as Node;
      if (!oldest.complete) continue;
      this.#events -= oldest.moment.events.length;
      if (oldest.moment.events.length > 0) {
        oldest.moment = { ...oldest.moment, events: [] };
        oldest.complete = false;
      }
    }
    if (dropped > 0) {
      this.#looked.splice(0, dropped);
      this.#changed(null);
    } else if (this.#looked.length > EVENTS_KEPT) {
      this.#looked = this.#looked.filter((other) => other.moment.events.length > 0);
    }
  }

  #changed(line: Line | null): void {
    this.#branches = null;
    if (line) this.#lists.delete(line);
    else for (const every of this.lines) this.#lists.delete(every);
  }
}
