// Which request tells a moment: walk, packet and caption of the page follow it.
import type { HardwareEvent } from "../hardware/vtd/events.ts";
import { hardwareEvents } from "../session/event-kinds.ts";
import type { Moment, SessionPort } from "../session/types.ts";
import { splitRequests } from "./journey.ts";

export interface ShownRequest {
  readonly moment: Moment;
  /** Position among the session's moments. */
  readonly index: number;
  /** The remapping unit's events of that request; of a request of its own, of the whole operation. */
  readonly events: readonly HardwareEvent[];
}

/**
 * The request of the moment at `at`. An operation of an actor is told by the first request that was refused, else by the
 * first it caused. On an opened image an operation without a request leaves the last one before it in view; with a
 * kernel, where most operations send none, it shows none.
 */
export function shownRequest(
  session: Pick<SessionPort, "moments" | "world">,
  at: number | null,
): ShownRequest | null {
  if (at === null) return null;
  const last = session.world ? at : 0;
  for (let index = at; index >= last; index--) {
    const moment = session.moments[index];
    if (!moment) continue;
    const events = hardwareEvents(moment.events);
    if (moment.operation.op === "dma") return { moment, index, events };
    const requests = splitRequests(events).filter(([first]) => first?.kind === "request");
    const refused = requests.find((own) => own.some(({ kind }) => kind === "refused"));
    const told = refused ?? requests[0];
    if (told) return { moment, index, events: told };
  }
  return null;
}
