// Rows of a tree as they stand below each other, and what a key does there (the usual keys of a tree view).

/** What a tree is made of. */
export interface Twig<N> {
  readonly id: string;
  readonly label: string;
  readonly children: readonly N[];
}

export interface Row<N extends Twig<N>> {
  readonly node: N;
  readonly depth: number;
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly parent: Row<N> | null;
}

/** Rows that are visible when the nodes with ids in `open` are open. */
export function flatRows<N extends Twig<N>>(
  nodes: readonly N[],
  open: ReadonlySet<string>,
  depth = 0,
  parent: Row<N> | null = null,
): Row<N>[] {
  return nodes.flatMap((node, at) => {
    const row: Row<N> = { node, depth, position: at + 1, siblings: nodes.length, parent };
    return open.has(node.id) ? [row, ...flatRows(node.children, open, depth + 1, row)] : [row];
  });
}

export type Move<N extends Twig<N>> =
  | { readonly kind: "go"; readonly row: Row<N> }
  | { readonly kind: "toggle" }
  | { readonly kind: "choose" };

/** What `key` does on row `at`; null when it does nothing. */
export function keyMove<N extends Twig<N>>(
  rows: readonly Row<N>[],
  at: Row<N>,
  key: string,
): Move<N> | null {
  const index = rows.indexOf(at);
  const go = (row: Row<N> | null | undefined): Move<N> | null => (row ? { kind: "go", row } : null);
  const below = rows[index + 1];
  const hasOpen = below?.parent === at;
  switch (key) {
    case "ArrowDown":
      return go(below);
    case "ArrowUp":
      return go(rows[index - 1]);
    case "Home":
      return go(rows[0]);
    case "End":
      return go(rows.at(-1));
    case "ArrowRight":
      if (hasOpen) return go(below);
      return at.node.children.length > 0 ? { kind: "toggle" } : null;
    case "ArrowLeft":
      return hasOpen ? { kind: "toggle" } : go(at.parent);
    case "Enter":
    case " ":
      return { kind: "choose" };
    default:
      return letterMove(rows, index, key);
  }
}

/** A letter leads to the next row that begins with it. */
function letterMove<N extends Twig<N>>(
  rows: readonly Row<N>[],
  index: number,
  key: string,
): Move<N> | null {
  if (!/^[a-z0-9]$/i.test(key)) return null;
  const later = [...rows.slice(index + 1), ...rows.slice(0, index + 1)];
  const row = later.find((one) => one.node.label.toLowerCase().startsWith(key.toLowerCase()));
  return row ? { kind: "go", row } : null;
}
