// The stage as a tree: the same things, the same selection, by keyboard and for those who do not see the drawing.
import { useMemo } from "react";
import { type OutlineNode, outlineOf } from "../../scene/outline.ts";
import { type Selection, selectionKey } from "../../scene/selection.ts";
import { actions, useApp } from "../store.ts";
import { classes } from "../ui/classes.ts";
import { Tree, type TreeNode } from "../ui/Tree.tsx";
import { Mark } from "./Mark.tsx";
import styles from "./Outline.module.css";
import { useSceneInput } from "./stage-input.ts";

/** The tree does not depend on the room that the stage has. */
const SIZE = { width: 872, height: 632 } as const;
const OPEN_AT_FIRST: readonly string[] = ["requesters", "unit", "spaces", "memory"];

export function Outline() {
  const input = useSceneInput(SIZE);
  const [nodes, selections] = useMemo(() => {
    const found = new Map<string, Selection>();
    const outline = input ? outlineOf(input) : [];
    return [outline.map((node) => rowOf(node, found)), found] as const;
  }, [input]);
  const selected = useApp((state) => selectionKey(state.view.selection));
  if (nodes.length === 0) return null;
  return (
    <Tree
      label="Outline of the machine"
      nodes={nodes}
      about="machine"
      openAtFirst={() => OPEN_AT_FIRST}
      selected={selected}
      onChoose={(key) => actions.select(selections.get(key) ?? null)}
    />
  );
}

/** `found` learns what each row selects. */
function rowOf(node: OutlineNode, found: Map<string, Selection>): TreeNode {
  const key = selectionKey(node.selection);
  if (node.selection) found.set(key, node.selection);
  return {
    id: node.id,
    label: node.label,
    chooses: key,
    content: (
      <>
        <Mark owner={node.owner} refused={node.refused} />
        <span className={styles["label"]}>{node.label}</span>
        <span className={classes(styles["note"], node.refused && styles["refused"])}>
          {node.note}
        </span>
      </>
    ),
    children: node.children.map((child) => rowOf(child, found)),
  };
}
