// The call tree of the shown operation, or of all operations of the shown step.
import { useMemo, useState } from "react";
import { type CallNode, callForest, commandAround, countCalls } from "../../../scene/calls.ts";
import { operationLabel } from "../../../scene/timeline-lanes.ts";
import { countWord } from "../../../scene/words.ts";
import { stepsOf } from "../../../session/scenario.ts";
import type { SessionPort } from "../../../session/types.ts";
import { actions, useApp } from "../../store.ts";
import { Button } from "../../ui/Button.tsx";
import { Tree, type TreeNode } from "../../ui/Tree.tsx";
import { useSession } from "../hooks.ts";
import panel from "../Panel.module.css";
import { CallRow } from "./CallRow.tsx";
import styles from "./CallTree.module.css";

/** Beyond so many runs only what a review looks for is open at first. */
const OPEN_ALL = 120;

export function CallTreePanel() {
  const session = useSession();
  useApp((state) => state.revision);
  const at = useApp((state) => state.at);
  if (!session) return null;
  if (at === null) {
    return (
      <p className={panel["empty"]}>
        No operation is shown yet. Press Next, or let somebody act: its calls stand here.
      </p>
    );
  }
  return <Shown session={session} at={at} />;
}

function Shown({ session, at }: { readonly session: SessionPort; readonly at: number }) {
  const revision = useApp((state) => state.revision);
  const step = useStep(session);
  const [whole, setWhole] = useState(false);
  const selected = useApp(({ view: { selection } }) =>
    selection?.kind === "function" ? selection.symbol : "",
  );
  const shown = whole && step.length > 0 ? step : commandAround(session.operations, at);
  const { operation: placeAt, event } = session.place;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes behind the same object.
  const forests = useMemo(
    () =>
      shown.map((index) => ({ index, forest: callForest(session.moments[index]?.events ?? []) })),
    [session, revision, shown.join(" ")],
  );
  const nodes = useMemo(
    () =>
      forests.flatMap(({ index, forest }): readonly TreeNode[] => {
        const now = index === placeAt && event !== null ? event : Number.POSITIVE_INFINITY;
        const trees = forest.map((node) => treeNode(node, `${index} `, now));
        const moment = session.moments[index];
        if (forests.length === 1 || !moment) return trees;
        const label = operationLabel(moment.operation);
        const content = <strong key={index}>{`${index + 1}. ${label}`}</strong>;
        return [{ id: `operation ${index}`, label, chooses: "", content, children: trees }];
      }),
    [forests, session, placeAt, event],
  );
  const counts = countCalls(forests.flatMap(({ forest }) => forest));
  const kept = shown.some((index) => (session.moments[index]?.events.length ?? 0) > 0);
  return (
    <div>
      <div className={styles["bar"]}>
        <p>
          {countWord(counts.systemCalls, "system call")}, {countWord(counts.functions, "function")}:{" "}
          {countWord(counts.specialCases, "special case")}, {countWord(counts.lookups, "symbol")}{" "}
          looked up at run time, {countWord(counts.writes, "write")}
        </p>
        {step.length > 0 && (
          <Button aria-pressed={whole} onClick={() => setWhole(!whole)}>
            Whole step
          </Button>
        )}
      </div>
      {nodes.length > 0 ? (
        <Tree
          label="Call tree"
          nodes={nodes}
          about={`${session.place.branch} ${shown.join(" ")}`}
          openAtFirst={openAtFirst}
          selected={selected}
          onChoose={(symbol) => actions.select({ kind: "function", symbol })}
        />
      ) : (
        <p className={panel["empty"]}>
          {kept
            ? "The kernel had no part in this operation. The walk shows what the hardware did."
            : "The events of this operation are no longer kept. Go back to it with the timeline to have them again."}
        </p>
      )}
    </div>
  );
}

/** Operations of the shown step, as indices of the branch. */
function useStep(session: SessionPort): readonly number[] {
  const id = useApp((state) => state.step);
  const scenario = useApp((state) => state.scenario);
  if (!scenario || id === null) return [];
  const ids = new Set(stepsOf(scenario).find((step) => step.id === id)?.operations);
  return session.operations.flatMap((operation, index) =>
    operation.id !== undefined && ids.has(operation.id) ? [index] : [],
  );
}

interface RunNode extends TreeNode {
  /** A special case or a look-up by name happened in it. */
  readonly marked: boolean;
}

function treeNode(node: CallNode, prefix: string, now: number): RunNode {
  return {
    marked: node.specialCases.length > 0 || node.lookups.length > 0,
    id: prefix + node.id,
    label: node.name,
    chooses: node.kind === "function" ? node.name : "",
    content: <CallRow node={node} />,
    dimmed: node.from >= now,
    children: node.children.map((child) => treeNode(child, prefix, now)),
  };
}

const size = (nodes: readonly TreeNode[]): number =>
  nodes.reduce((sum, node) => sum + 1 + size(node.children), 0);

const idsOf = (nodes: readonly TreeNode[]): string[] =>
  nodes.flatMap((node) => [node.id, ...idsOf(node.children)]);

/** All of a small tree; of a large one the way to each special case and look-up, and what they called. */
function openAtFirst(nodes: readonly TreeNode[]): readonly string[] {
  if (size(nodes) <= OPEN_ALL) return idsOf(nodes);
  return [...nodes.map((node) => node.id), ...waysToMarks(nodes)];
}

function waysToMarks(nodes: readonly TreeNode[]): string[] {
  return nodes.flatMap((node) => {
    const below = waysToMarks(node.children);
    const marked = "marked" in node && node.marked === true;
    return marked || below.length > 0 ? [node.id, ...below] : [];
  });
}
