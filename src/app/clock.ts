// The animation clock: the only caller of requestAnimationFrame. It asks for frames only while something moves.
// Time here is the clock's own: it stands still when paused and runs `speed` times as fast as the wall.

/** Who is called when: first what advances, then what changes the document, then what paints on a canvas. */
export type Phase = "advance" | "dom" | "canvas";
const PHASES: readonly Phase[] = ["advance", "dom", "canvas"];

/**
 * Called once per frame with the clock's time and the milliseconds since the frame before, both of the clock. In the
 * phase "advance" the answer says whether there is more to come; other answers are ignored.
 */
export type Subscriber = (now: number, passed: number) => boolean | undefined;

/** What the clock needs of the platform. */
export interface Frames {
  request(callback: (wall: number) => void): number;
  cancel(handle: number): void;
}

/** Longest step, wall milliseconds: a tab that slept goes on where it was. */
const LONGEST = 100;
const FRAME = 1000 / 60;

export class Clock {
  private readonly subscribers: Record<Phase, Set<Subscriber>> = {
    advance: new Set(),
    dom: new Set(),
    canvas: new Set(),
  };
  private readonly frames: Frames;
  private handle: number | null = null;
  private wall: number | null = null;
  private moving = false;
  private time = 0;
  private paused = false;
  private manual = false;
  private rate = 1;
  private waiting: (() => void)[] = [];
  private readonly watching = new Set<() => void>();
  private told = false;
  private asked = 0;

  constructor(frames: Frames) {
    this.frames = frames;
  }

  /** Milliseconds of the clock since it was made. */
  get now(): number {
    return this.time;
  }

  /** Frames asked for so far: it does not grow while nothing moves. */
  get requested(): number {
    return this.asked;
  }

  /** Nothing moves, as last told to those who watch. */
  get isIdle(): boolean {
    return !this.told;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Calls `subscriber` in each frame until the returned function is called. */
  subscribe(phase: Phase, subscriber: Subscriber): () => void {
    this.subscribers[phase].add(subscriber);
    return () => this.subscribers[phase].delete(subscriber);
  }

  /** Calls `watcher` when something begins to move and when nothing moves any more, with `isIdle` changed. */
  watch(watcher: () => void): () => void {
    this.watching.add(watcher);
    return () => this.watching.delete(watcher);
  }

  /** Something has begun to move. */
  wake(): void {
    this.moving = true;
    this.tell();
    this.schedule();
  }

  /** Runs everything once without letting time pass: after a jump, while paused. */
  refresh(): void {
    this.run(0);
  }

  /** 0.25 .. 4. */
  setSpeed(speed: number): void {
    this.rate = speed;
  }

  /** Stops at once, on any frame, or goes on. */
  setPaused(paused: boolean): void {
    if (this.paused === paused) return;
    this.paused = paused;
    if (paused) this.cancel();
    else this.schedule();
  }

  /** One frame while paused. */
  step(milliseconds = FRAME): void {
    this.run(milliseconds * this.rate);
  }

  /** With a manual clock only `advance` lets time pass; for tests, which must not wait for a wall clock. */
  setManual(manual: boolean): void {
    this.manual = manual;
    if (manual) this.cancel();
    else this.schedule();
  }

  /** Lets `milliseconds` of the wall pass in steps of one frame. A paused clock stands still. */
  advance(milliseconds: number): void {
    if (this.paused) return;
    let left = milliseconds;
    while (left > 0) {
      const part = Math.min(left, FRAME);
      this.run(part * this.rate);
      left -= part;
    }
  }

  /** Resolves when nothing moves. A manual clock is advanced until then. */
  idle(): Promise<void> {
    if (this.manual && !this.paused) {
      // Nothing on the stage moves for an hour; a stream never ends and must be stopped first.
      for (let spent = 0; this.moving && spent < 3_600_000; spent += FRAME) this.advance(FRAME);
    }
    if (!this.moving) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  private schedule(): void {
    if (this.handle !== null || this.paused || this.manual || !this.moving) return;
    this.asked++;
    this.handle = this.frames.request((wall) => {
      this.handle = null;
      const before = this.wall ?? wall - FRAME;
      this.wall = wall;
      this.run(Math.min(Math.max(wall - before, 0), LONGEST) * this.rate);
      this.schedule();
    });
  }

  private tell(): void {
    if (this.told === this.moving) return;
    this.told = this.moving;
    for (const watcher of this.watching) watcher();
  }

  private cancel(): void {
    if (this.handle !== null) this.frames.cancel(this.handle);
    this.handle = null;
    this.wall = null;
  }

  private run(passed: number): void {
    this.time += passed;
    this.moving = false;
    for (const phase of PHASES) {
      for (const subscriber of [...this.subscribers[phase]]) {
        const more = subscriber(this.time, passed);
        if (phase === "advance" && more === true) this.moving = true;
      }
    }
    this.tell();
    if (this.moving) return;
    this.wall = null;
    const done = this.waiting;
    this.waiting = [];
    for (const resolve of done) resolve();
  }
}

export const clock = new Clock({
  request: (callback) => requestAnimationFrame(callback),
  cancel: (handle) => cancelAnimationFrame(handle),
});

let query: MediaQueryList | null = null;

/** Whether the reader asked for less motion; it can change while the page is open. */
export function reducedMotion(): boolean {
  query ??= matchMedia("(prefers-reduced-motion: reduce)");
  return query.matches;
}
