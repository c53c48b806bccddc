// The remapping unit's own events among everything that happened: what walks and packets are made of.
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import type { SessionEvent } from "./types.ts";

const KINDS: Readonly<Record<HardwareEvent["kind"], true>> = {
  request: true,
  lookup: true,
  read: true,
  update: true,
  fill: true,
  drop: true,
  refused: true,
  record: true,
  "no record": true,
  reached: true,
  interrupt: true,
  descriptor: true,
  "status write": true,
  "register write": true,
};

export const isHardwareEvent = (event: SessionEvent): event is HardwareEvent => event.kind in KINDS;

export const hardwareEvents = (events: readonly SessionEvent[]): readonly HardwareEvent[] =>
  events.every(isHardwareEvent) ? events : events.filter(isHardwareEvent);
