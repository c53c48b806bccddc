// What the kernel holds of the selected object, who calls the selected function, what the selected check found.
import type { Selection } from "../../../scene/selection.ts";
import type { SessionPort } from "../../../session/types.ts";
import { CheckView } from "./CheckView.tsx";
import { FunctionView } from "./FunctionView.tsx";
import { KernelObjectView } from "./KernelObjectView.tsx";

interface Props {
  readonly session: SessionPort;
  readonly selection: Extract<Selection, { kind: "object" | "function" | "check" }>;
}

export function WorldView({ session, selection }: Props) {
  switch (selection.kind) {
    case "object":
      return <KernelObjectView session={session} id={selection.id} />;
    case "function":
      return <FunctionView session={session} symbol={selection.symbol} />;
    case "check":
      return <CheckView session={session} id={selection.id} />;
  }
}
