// mtty: serial cards with one or two ports from a pool of 24. What a port sends comes back to it, by the CPU alone.
// The pool is enforced with ENOSPC as in 7.2; in v5.12 the driver only showed how many instances were left.
import { ERRNO } from "../../kernel/errno.ts";
import type { SampleMdev } from "../tables.ts";
import { defineSample } from "./sample.ts";

/** Registers of a port, each one byte. */
const DATA = 0;
const LINE_STATUS = 5;
/** Line status: data waits; the transmitter is empty. */
const DATA_READY = 0x01;
const TRANSMITTER_EMPTY = 0x60;
const PORT_BYTES = 8;
const QUEUE_BYTES = 16;

function readBar(mdev: SampleMdev, bar: number, start: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const waiting = mdev.received[bar] ?? [];
  for (let i = 0; i < count; i++) {
    if (start + i === DATA) bytes[i] = waiting.shift() ?? 0;
    if (start + i === LINE_STATUS) {
      bytes[i] = TRANSMITTER_EMPTY | (waiting.length > 0 ? DATA_READY : 0);
    }
  }
  return bytes;
}

function writeBar(mdev: SampleMdev, bar: number, start: number, bytes: Uint8Array): void {
  const waiting = mdev.received[bar];
  const [byte] = bytes;
  if (start !== DATA || !waiting || byte === undefined) return;
  if (waiting.length < QUEUE_BYTES) waiting.push(byte);
}

defineSample({
  name: "mtty",
  pool: 24,
  short: ERRNO.ENOSPC,
  types: [
    { group: "1", units: 1, name: "Single port serial" },
    { group: "2", units: 2, name: "Dual port serial" },
  ],
  id: 0x3253_4348,
  loaded: ["mtty_dev: mtty_dev_init", "major_number:246"],
  unloaded: ["mtty_dev: Unloaded!"],
  barBytes: (bar, units) => (bar < units ? PORT_BYTES : 0),
  readBar,
  writeBar,
});
