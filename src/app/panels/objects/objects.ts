// The kernel's objects of the open session, and how one of them is selected.
import { type ObjectGroup, objectGroups } from "../../../scene/objects.ts";
import { selectionOf } from "../../../scene/selection-text.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";

export const objectsOf = (session: SessionPort): readonly ObjectGroup[] =>
  session.world ? objectGroups(session.world) : [];

/** Selects by a text such as "mdev UUID", "requester 6a:01.0 0x41"; says so when there is nothing of that name. */
export function selectText(session: SessionPort, text: string): void {
  const selection = selectionOf(text, session.survey());
  if (selection) actions.select(selection);
  else actions.say(`Nothing here is named ${text}.`);
}
