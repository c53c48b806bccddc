// Tells events apart by who reports them: the remapping unit, devices, the kernel.

import type { DeviceEvent } from "../hardware/platform/events.ts";
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import type { KernelEvent } from "../linux/kernel/events.ts";
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

const DEVICE_KINDS: Readonly<Record<DeviceEvent["kind"], true>> = {
  "bus request": true,
  "not sent": true,
  "work submitted": true,
  "work done": true,
  "unit event": true,
  message: true,
};

/** The record of calls: what call trees and review checks are made of. */
export const isKernelEvent = (event: SessionEvent): event is KernelEvent =>
  !(event.kind in KINDS || event.kind in DEVICE_KINDS);
