// PCI addresses as people write them: bus:device.function, with an optional segment in front.
import { type RequesterId, requesterId } from "./brand.ts";

/** `6a:01.0` of requester id 0x6a08. */
export function formatBdf(requester: RequesterId): string {
  const bus = (requester >> 8).toString(16).padStart(2, "0");
  const device = ((requester >> 3) & 0x1f).toString(16).padStart(2, "0");
  return `${bus}:${device}.${requester & 7}`;
}

/** The requester id of `6a:01.0` or `0000:6a:01.0`; undefined when the text is no PCI address. */
export function parseBdf(text: string): RequesterId | undefined {
  const found = /^(?:[0-9a-f]{4}:)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])$/i.exec(text.trim());
  if (!found) return undefined;
  const [bus = 0, device = 0] = [found[1], found[2]].map((part) => Number.parseInt(part ?? "", 16));
  if (device > 0x1f) return undefined;
  return requesterId((bus << 8) | (device << 3) | Number(found[3]));
}
