// One figure for a sequence of system calls, so that two runs can be compared by a text in a file.
import type { KernelEvent } from "../../linux/kernel/events.ts";
import { digestOfText } from "../digests.ts";

/** First 16 hex digits of the SHA-256 over "process name arguments" lines, oldest first. */
export function callsDigest(events: Iterable<KernelEvent>): string {
  let text = "";
  for (const event of events) {
    if (event.kind !== "system call") continue;
    text += `${event.process} ${event.name} ${event.arguments}\n`;
  }
  return digestOfText(text).slice(0, 16);
}
