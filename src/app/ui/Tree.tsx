// A tree view: rows below one another, the usual keys, one row in the tab order. What a row shows is up to its owner.
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Button } from "./Button.tsx";
import { classes } from "./classes.ts";
import styles from "./Tree.module.css";
import { flatRows, keyMove, type Row, type Twig } from "./tree-rows.ts";

export interface TreeNode extends Twig<TreeNode> {
  /** Id of what it selects; "" for a mere heading. */
  readonly chooses: string;
  readonly content: ReactNode;
  readonly dimmed?: boolean;
}

interface Props {
  readonly label: string;
  readonly nodes: readonly TreeNode[];
  /** Ids that are open at first; asked anew when `about` changes. */
  readonly openAtFirst: (nodes: readonly TreeNode[]) => readonly string[];
  /** What the tree is about: another one begins anew. */
  readonly about: string;
  /** `chooses` of the selected node. */
  readonly selected: string;
  readonly onChoose: (chooses: string) => void;
}

/** Rows drawn at once; more are a button away. */
const WINDOW = 300;

export function Tree({ label, nodes, openAtFirst, about, selected, onChoose }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(openAtFirst(nodes)));
  const [shownAbout, setShownAbout] = useState(about);
  const [current, setCurrent] = useState("");
  const [most, setMost] = useState(WINDOW);
  const tree = useRef<HTMLDivElement>(null);
  if (shownAbout !== about) {
    setShownAbout(about);
    setOpen(new Set(openAtFirst(nodes)));
    setMost(WINDOW);
  }
  const all = useMemo(() => flatRows(nodes, open), [nodes, open]);
  const rows = all.slice(0, most);
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
  }, [selected, rows.length]);

  const toggle = useCallback((id: string) => {
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  const choose = (row: Row<TreeNode>) => {
    if (row.node.chooses !== "") onChoose(row.node.chooses);
    else if (row.node.children.length > 0) toggle(row.node.id);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "*") {
      event.preventDefault();
      setOpen((known) => withAll(known, allIds(nodes)));
      return;
    }
    const move = keyMove(rows, at, event.key);
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    if (move.kind === "toggle") toggle(at.node.id);
    else if (move.kind === "choose") choose(at);
    else {
      setCurrent(move.row.node.id);
      const id = CSS.escape(move.row.node.id);
      tree.current?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus();
    }
  };

  return (
    <>
      <div
        ref={tree}
        role="tree"
        aria-label={label}
        className={styles["tree"]}
        onKeyDown={onKeyDown}
      >
        {rows.map((row) => {
          const { node, depth } = row;
          const chosen = node.chooses !== "" && node.chooses === selected;
          const isOpen = open.has(node.id);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its rows.
            <div
              key={node.id}
              data-row={node.id}
              role="treeitem"
              aria-level={depth + 1}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-expanded={node.children.length > 0 ? isOpen : undefined}
              aria-selected={chosen}
              tabIndex={row === at ? 0 : -1}
              style={{ paddingLeft: 16 + 14 * Math.min(depth, 20) }}
              className={classes(
                styles["row"],
                chosen && styles["chosen"],
                node.dimmed && styles["dimmed"],
              )}
              onFocus={() => setCurrent(node.id)}
              onClick={() => {
                setCurrent(node.id);
                choose(row);
              }}
            >
              <Twisty
                shown={node.children.length > 0}
                open={isOpen}
                onToggle={() => toggle(node.id)}
              />
              {node.content}
            </div>
          );
        })}
      </div>
      {all.length > most && (
        <Button look="quiet" onClick={() => setMost(most + WINDOW)}>
          Show {Math.min(WINDOW, all.length - most)} more rows
        </Button>
      )}
    </>
  );
}

interface TwistyProps {
  readonly shown: boolean;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Twisty({ shown, open, onToggle }: TwistyProps) {
  if (!shown) return <span className={styles["twisty"]} />;
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

/** Ids from the root to the first node that chooses this; empty when there is none. */
function pathTo(nodes: readonly TreeNode[], chooses: string): readonly string[] {
  if (chooses === "") return [];
  for (const node of nodes) {
    if (node.chooses === chooses) return [node.id];
    const below = pathTo(node.children, chooses);
    if (below.length > 0) return [node.id, ...below];
  }
  return [];
}

const allIds = (nodes: readonly TreeNode[]): string[] =>
  nodes.flatMap((node) => [node.id, ...allIds(node.children)]);

const withAll = (known: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> =>
  ids.every((id) => known.has(id)) ? known : new Set([...known, ...ids]);
