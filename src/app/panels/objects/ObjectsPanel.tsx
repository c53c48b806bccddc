// The kernel's objects as a tree: what processes have open, containers, groups, domains, mdevs, queues.
import { useMemo } from "react";
import type { KernelObject } from "../../../scene/objects-parts.ts";
import { countWord } from "../../../scene/words.ts";
import { actions, useApp } from "../../store.ts";
import { Tree, type TreeNode } from "../../ui/Tree.tsx";
import { useSession } from "../hooks.ts";
import styles from "./Objects.module.css";
import { objectsOf } from "./objects.ts";

export function ObjectsPanel() {
  const session = useSession();
  const revision = useApp((state) => state.revision);
  const selected = useApp(({ view: { selection } }) =>
    selection?.kind === "object" ? selection.id : "",
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes behind the same object.
  const nodes = useMemo(
    () =>
      (session ? objectsOf(session) : []).map((group): TreeNode => {
        const count = group.objects.length;
        return {
          id: group.id,
          label: group.title,
          chooses: "",
          content: (
            <>
              <strong>{group.title}</strong>
              <span className={styles["note"]}>
                {count === 0 ? group.empty : countWord(count, "object")}
              </span>
            </>
          ),
          children: group.objects.map(objectNode),
        };
      }),
    [session, revision],
  );
  return (
    <Tree
      label="Objects of the kernel"
      nodes={nodes}
      about="objects"
      openAtFirst={openAtFirst}
      selected={selected}
      onChoose={(id) => actions.select({ kind: "object", id })}
    />
  );
}

const objectNode = (one: KernelObject): TreeNode => ({
  id: one.id,
  label: one.name,
  chooses: one.id,
  content: (
    <>
      <span className={styles["name"]}>{one.name}</span>
      <span className={styles["note"]}>{one.note}</span>
    </>
  ),
  children: one.parts.map(objectNode),
});

const CLOSED = new Set(["modules", "queues"]);
const openAtFirst = (nodes: readonly TreeNode[]): readonly string[] =>
  nodes.map((node) => node.id).filter((id) => !CLOSED.has(id));
