// What the palette can find in an open machine: requesters, address spaces, and the functions of a running kernel.
import { formatBdf } from "../base/bdf.ts";
import { registeredSymbols } from "../linux/kernel/kernel.ts";
import type { Selection } from "../scene/selection.ts";
import { domainsWord, stageWord } from "../scene/words.ts";
import type { SessionPort } from "../session/types.ts";
import { actions } from "./store.ts";

/** Selects, and opens the inspector also where one part of the page is seen at a time. */
function show(selection: Selection): void {
  actions.select(selection);
  actions.showSide("inspector");
}

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
        run: () => show({ kind: "requester", requester }),
      };
    }),
    ...survey.spaces.map((space) => ({
      id: `space-${space.id}`,
      label: `Address space: ${domainsWord(space.domains)}, ${stageWord(space)}`,
      note: "",
      refusal: null,
      run: () => show({ kind: "space", id: space.id }),
    })),
  ];
}

/** Kernel functions by symbol; choosing one shows who calls it, in this run and in the kernel tree. */
export function findFunctions(session: SessionPort) {
  if (!session.world) return [];
  return [...registeredSymbols()].map(([symbol, { module }]) => ({
    id: `function-${symbol}`,
    label: `${symbol}(), ${module}`,
    note: "",
    refusal: null,
    run: () => show({ kind: "function", symbol }),
  }));
}
