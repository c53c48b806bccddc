// The drawing itself: cards, lines, and what can be focused and selected.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { HEADING_Y } from "../../scene/columns.ts";
import { type Edge, relatedTo } from "../../scene/edges.ts";
import type { Scene } from "../../scene/scene.ts";
import { selectionKey } from "../../scene/selection.ts";
import type { Box, Item } from "../../scene/shapes.ts";
import { actions, useApp } from "../store.ts";
import { classes } from "../ui/classes.ts";
import type { Shown } from "./conductor.ts";
import { Defs } from "./Defs.tsx";
import { Followed, Travelled, UNHEARD } from "./Followed.tsx";
import { focusOrder, isMove, moveFocus } from "./keyboard.ts";
import { ItemShapes } from "./Shapes.tsx";
import { isFlood } from "./stream.ts";
import { itemsOnWay, litItem } from "./use-followed.ts";

export function Picture({ scene, shown }: { readonly scene: Scene; readonly shown: Shown }) {
  const svg = useRef<SVGSVGElement>(null);
  const selected = useApp((state) => selectionKey(state.view.selection));
  const spot = useApp((state) => state.spotlight?.address ?? null);
  const rate = useApp((state) => state.stream?.rate ?? 0);
  const [focused, setFocused] = useState<string | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const order = useMemo(() => focusOrder(scene), [scene]);
  const entry = order.find((item) => item.id === focused) ?? order[0];
  const about = pointed ?? active;
  const related = useMemo(() => {
    const found = about === null ? null : relatedTo(about, scene.links);
    // A thing that nothing leads to, such as a cache, leaves the others as they are.
    return found && found.size > 1 ? found : null;
  }, [about, scene]);
  const { route, verdict } = scene;
  const lit = litItem(route, shown);
  const onWay = useMemo(() => itemsOnWay(route), [route]);
  const { width, height, columns } = scene.frame;
  const flood = route && isFlood(rate, route.journey) ? rate : null;
  const open = shown.phase === "still" && verdict ? verdict.item : null;

  useEffect(() => {
    // A focused thing that is no longer drawn hands the focus on to what took its place.
    if (active !== null && !order.some((item) => item.id === active)) setActive(null);
  }, [active, order]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || focused === null) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      activate(order.find((item) => item.id === focused));
    } else if (isMove(event.key)) {
      event.preventDefault();
      const next = moveFocus(scene, focused, event.key);
      if (next) focusItem(svg.current, next);
    }
  };

  const view = (item: Item) => (
    <ItemView
      key={item.id}
      item={item}
      entry={item === entry}
      answered={route?.journey.hits.some((hit) => item.id === `cache-${hit.cache}`) === true}
      selected={isSelected(item, selected)}
      spot={
        spot !== null &&
        item.target?.selection?.kind === "entry" &&
        item.target.selection.address === spot
      }
      look={classes(
        related &&
          (related.has(item.id) ? "related" : item.target && !onWay.has(item.id) && "unrelated"),
        lit.item === item.id && `lit tint-${lit.tint}`,
        shown.phase !== "under way" &&
          route?.journey.end.kind === "refused" &&
          route.row === item.id &&
          route.journey.endPlace === "row" &&
          "died",
      )}
      onPoint={setPointed}
      onFocus={(id, ring) => {
        setFocused(id);
        setActive(ring ? id : null);
      }}
    />
  );
  const ring = active === null ? null : order.find((item) => item.id === active);

  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no fieldset inside SVG.
    <svg
      ref={svg}
      className="picture"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label="The machine. Arrow keys move, Enter selects."
      onKeyDown={onKeyDown}
      onBlur={() => setActive(null)}
    >
      <Defs hues={scene.hues} />
      {columns.map((column) => (
        <text key={column.title} x={column.x} y={HEADING_Y} className="heading ink-2">
          {column.title}
        </text>
      ))}
      {scene.items.filter((item) => item.back).map(view)}
      <g {...UNHEARD}>
        {scene.edges.map((edge) => (
          <EdgeView
            key={edge.id}
            edge={edge}
            look={
              related &&
              (related.has(edge.from) && related.has(edge.to)
                ? "related"
                : !(onWay.has(edge.from) && onWay.has(edge.to)) && "unrelated")
            }
          />
        ))}
      </g>
      {route && <Travelled route={route} flood={flood} />}
      {scene.items.filter((item) => !item.back).map(view)}
      {open && view(open)}
      {route && <Followed scene={scene} route={route} shown={shown} flood={flood} />}
      {ring && <Ring box={ring.box} />}
    </svg>
  );
}

const isSelected = ({ target }: Item, selected: string): boolean =>
  selected !== "" &&
  [target?.selection ?? null, target?.also ?? null].some((one) => selectionKey(one) === selected);

function activate(item: Item | undefined): void {
  if (!item?.target) return;
  if (item.target.selection) actions.select(item.target.selection);
  else actions.showFoot("outline");
}

function focusItem(svg: SVGSVGElement | null, id: string): void {
  const element = svg?.querySelector<SVGGElement>(`[data-item="${CSS.escape(id)}"]`);
  element?.focus();
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

interface ItemProps {
  readonly item: Item;
  /** Where Tab enters the stage. */
  readonly entry: boolean;
  /** A cache that answered the followed request. */
  readonly answered: boolean;
  readonly selected: boolean;
  readonly spot: boolean;
  readonly look: string;
  readonly onPoint: (id: string | null) => void;
  readonly onFocus: (id: string, ring: boolean) => void;
}

function ItemView({ item, entry, answered, selected, spot, look, onPoint, onFocus }: ItemProps) {
  const { target, box, id } = item;
  if (!target) {
    return (
      <g className={classes("item", look)}>
        <ItemShapes item={item} />
      </g>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button element inside SVG.
    <g
      data-item={id}
      className={classes("item target", look, selected && "selected")}
      role="button"
      tabIndex={entry ? 0 : -1}
      aria-label={target.label}
      aria-pressed={target.selection ? selected : undefined}
      onClick={() => activate(item)}
      onPointerEnter={(event) => event.pointerType !== "touch" && onPoint(id)}
      onPointerLeave={() => onPoint(null)}
      onFocus={(event) => onFocus(id, event.currentTarget.matches(":focus-visible"))}
    >
      <ItemShapes item={item} />
      {answered && (
        <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={4} className="answered" />
      )}
      {(selected || spot) && (
        <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={6} className="chosen" />
      )}
    </g>
  );
}

function EdgeView({ edge, look }: { readonly edge: Edge; readonly look: string | false | null }) {
  const own = edge.owner ? `own-${edge.owner.hue} dash-${edge.owner.hue}` : "refused";
  return (
    <>
      <path d={edge.curve.d} className={classes("edge", "line", own, look)} />
      {edge.bead !== "" && <path d={edge.bead} className={classes("edge", "bead", own, look)} />}
    </>
  );
}

/** Focus: 2px of ink after a gap of 2px. */
function Ring({ box }: { readonly box: Box }) {
  return (
    <rect
      x={box.x - 3}
      y={box.y - 3}
      width={box.w + 6}
      height={box.h + 6}
      rx={9}
      className="ring"
    />
  );
}
