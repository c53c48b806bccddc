// One figure for a sequence of system calls, so that two runs can be compared by a text in a file.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { KernelEvent } from "../../linux/kernel/events.ts";

/** First 16 hex digits of the SHA-256 over "process name arguments" lines, oldest first. */
export function callsDigest(events: Iterable<KernelEvent>): string {
  const hash = sha256.create();
  for (const event of events) {
    if (event.kind !== "system call") continue;
    hash.update(utf8ToBytes(`${event.process} ${event.name} ${event.arguments}\n`));
  }
  return bytesToHex(hash.digest()).slice(0, 16);
}
