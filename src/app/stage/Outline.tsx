// The stage as a tree: the same things, the same selection, by keyboard and for those who do not see the drawing.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { type OutlineNode, outlineOf } from "../../scene/outline.ts";
import { selectionKey } from "../../scene/selection.ts";
import { actions, useApp } from "../store.ts";
import { classes } from "../ui/classes.ts";
import { Mark } from "./Mark.tsx";
import styles from "./Outline.module.css";
import { useSceneInput } from "./stage-input.ts";
import { flatRows, keyMove, type Row } from "./tree.ts";

/** The tree does not depend on the room that the stage has. */
const SIZE = { width: 872, height: 632 } as const;
const OPEN_AT_FIRST: readonly string[] = ["requesters", "unit", "spaces", "memory"];

export function Outline() {
  const input = useSceneInput(SIZE);
  const nodes = useMemo(() => (input ? outlineOf(input) : []), [input]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(OPEN_AT_FIRST));
  const [current, setCurrent] = useState("requesters");
  const selected = useApp((state) => selectionKey(state.view.selection));
  const tree = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => flatRows(nodes, open), [nodes, open]);
  const at = rows.find((row) => row.node.id === current) ?? rows[0];

  useEffect(() => {
    // What is selected elsewhere is found here: its branch opens.
    const path = pathTo(nodes, selected);
    if (path.length > 1) setOpen((known) => withAll(known, path.slice(0, -1)));
    const last = path.at(-1);
    if (last !== undefined) setCurrent(last);
  }, [nodes, selected]);

  useEffect(() => {
    // Seen, too, once its branch is open.
    if (selected === "" || rows.length === 0) return;
    tree.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [selected, rows]);

  if (nodes.length === 0) return null;

  const toggle = (id: string) =>
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });

  const go = (row: Row) => {
    setCurrent(row.node.id);
    const item = tree.current?.querySelector<HTMLElement>(
      `[data-row="${CSS.escape(row.node.id)}"]`,
    );
    item?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = keyMove(rows, at, event.key);
    if (!move) return;
    event.preventDefault();
    if (move.kind === "go") go(move.row);
    else if (move.kind === "toggle") toggle(at.node.id);
    else choose(at, toggle);
  };

  return (
    <div
      ref={tree}
      role="tree"
      aria-label="Outline of the machine"
      className={styles["tree"]}
      onKeyDown={onKeyDown}
    >
      {rows.map((row) => {
        const { node, depth } = row;
        const chosen = node.selection !== null && selectionKey(node.selection) === selected;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its rows.
          <div
            key={node.id}
            data-row={node.id}
            role="treeitem"
            aria-level={depth + 1}
            aria-posinset={row.position}
            aria-setsize={row.siblings}
            aria-expanded={node.children.length > 0 ? open.has(node.id) : undefined}
            aria-selected={chosen}
            tabIndex={row === at ? 0 : -1}
            className={classes(styles["row"], chosen && styles["chosen"], styles[`depth${depth}`])}
            onClick={() => {
              setCurrent(node.id);
              choose(row, toggle);
            }}
          >
            <Twisty node={node} open={open.has(node.id)} onToggle={() => toggle(node.id)} />
            <Mark owner={node.owner} refused={node.refused} />
            <span className={styles["label"]}>{node.label}</span>
            <span className={classes(styles["note"], node.refused && styles["refused"])}>
              {node.note}
            </span>
          </div>
        );
      })}
    </div>
  );
}

/** Selects what can be selected; a mere heading opens or closes. */
function choose(row: Row, toggle: (id: string) => void): void {
  if (row.node.selection) actions.select(row.node.selection);
  else if (row.node.children.length > 0) toggle(row.node.id);
}

function Twisty({
  node,
  open,
  onToggle,
}: {
  readonly node: OutlineNode;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  if (node.children.length === 0) return <span className={styles["twisty"]} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the row has the role, and arrow keys do the same.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
    <span
      className={styles["twisty"]}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <path d={open ? "M0 2h8L4 7Z" : "M2 0v8L7 4Z"} fill="currentColor" />
      </svg>
    </span>
  );
}

/** Ids from the root to the node that selects `key`; empty when there is none. */
function pathTo(nodes: readonly OutlineNode[], key: string): readonly string[] {
  if (key === "") return [];
  for (const node of nodes) {
    if (node.selection && selectionKey(node.selection) === key) return [node.id];
    const below = pathTo(node.children, key);
    if (below.length > 0) return [node.id, ...below];
  }
  return [];
}

const withAll = (known: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> =>
  ids.every((id) => known.has(id)) ? known : new Set([...known, ...ids]);
