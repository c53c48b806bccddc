// Moves the session to another moment and says where that is.
import { placeWords } from "../../../scene/timeline-steps.ts";
import type { Place, SessionPort } from "../../../session/types.ts";
import { actions } from "../../store.ts";

export function goTo(session: SessionPort, place: Place): void {
  actions.seek(place);
  actions.say(`${placeWords(session.place, session.moments)}.`);
}
