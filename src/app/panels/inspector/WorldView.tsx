// What the kernel holds of the selected object, who calls the selected function, what the selected check found.
import type { Selection } from "../../../scene/selection.ts";
import type { SessionPort } from "../../../session/types.ts";

interface Props {
  readonly session: SessionPort;
  readonly selection: Extract<Selection, { kind: "object" | "function" | "check" }>;
}

export function WorldView({ selection }: Props) {
  return <p>{selection.kind}</p>;
}
