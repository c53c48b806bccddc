// The card at the end of a request that did not reach memory: why, who asked, for what.
import { formatBdf } from "../base/bdf.ts";
import { hex, plainHex } from "../base/hex.ts";
import { faultText } from "../hardware/layout/fault-text.ts";
import type { Journey } from "./journey-types.ts";
import { type Box, type Item, rect, type Shape, text } from "./shapes.ts";
import { wrapText } from "./text.ts";
import { ACCESS_WORD, pasidWord } from "./words.ts";

const PAD = 12;
const LINE = 16;

export function verdictCard(journey: Journey, box: Box): Item | null {
  const { end } = journey;
  if (end.kind !== "refused" && end.kind !== "interrupt") return null;
  const refused = end.kind === "refused";
  const message = journey.access === "write";
  const title = refused
    ? `Fault ${plainHex(end.reason, 2)}`
    : message
      ? "Interrupt request"
      : "Interrupt range";
  const why = refused
    ? faultText(end.reason).refused
    : message
      ? "A write to this range is a message. It is not translated."
      : "Only writes to this range are messages. This request is absorbed and not translated.";
  const who = `${formatBdf(journey.requester)}, ${pasidWord(journey.pasid)}`;
  const what = `${ACCESS_WORD[journey.access].toLowerCase()} at ${hex(journey.address)}`;
  const width = box.w - 2 * PAD;
  const shapes: Shape[] = [];
  let y = box.y + 22;
  const say = (words: string, style: "name" | "note" | "code", look: string) => {
    for (const line of wrapText(words, style, width)) {
      shapes.push(text(box.x + PAD, y, line, style, look));
      y += LINE;
    }
  };
  say(title, "name", refused ? "fault" : "ink");
  say(why, "note", refused ? "fault" : "ink-2");
  y += 4;
  say(who, "note", "ink");
  say(what, "note", "ink");
  if (refused && end.recorded === false) say("no fault record was written", "note", "ink-2");
  const card = { ...box, h: y - box.y - 4 };
  return {
    id: "verdict",
    column: 2,
    box: card,
    shapes: [rect(card, 8, refused ? "fault-card" : "card"), ...shapes],
    target: {
      label: `${title}: ${why} ${who}, ${what}`,
      selection: { kind: "pasid", requester: journey.requester, pasid: journey.pasid },
    },
  };
}
