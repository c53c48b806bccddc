// What the palette can find in an open machine: requesters and address spaces.
import { formatBdf } from "../base/bdf.ts";
import { domainsWord, stageWord } from "../scene/words.ts";
import type { SessionPort } from "../session/types.ts";
import { actions } from "./store.ts";

/** Objects by name; choosing one selects it. */
export function findObjects(session: SessionPort) {
  const survey = session.survey();
  return [
    ...survey.requesters.map(({ requester }) => {
      const name = session.info.names.get(requester);
      return {
        id: `requester-${requester}`,
        label: `Requester ${formatBdf(requester)}${name ? `, ${name}` : ""}`,
        note: "",
        refusal: null,
        run: () => actions.select({ kind: "requester", requester }),
      };
    }),
    ...survey.spaces.map((space) => ({
      id: `space-${space.id}`,
      label: `Address space: ${domainsWord(space.domains)}, ${stageWord(space)}`,
      note: "",
      refusal: null,
      run: () => actions.select({ kind: "space", id: space.id }),
    })),
  ];
}
