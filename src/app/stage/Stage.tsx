// The stage: the machine from requesters to memory, the request on its way, and the legend under it.
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Size } from "../../scene/columns.ts";
import type { Place } from "../../scene/journey-types.ts";
import { type Scene, sceneOf } from "../../scene/scene.ts";
import { reducedMotion } from "../clock.ts";
import { ColumnMark } from "./ColumnMark.tsx";
import type { Shown } from "./conductor.ts";
import { FollowedPacket } from "./FollowedPacket.tsx";
import { Legend } from "./Legend.tsx";
import { Packets } from "./Packets.tsx";
import { Picture } from "./Picture.tsx";
import { useSceneInput, useShown } from "./stage-input.ts";
import { startStreams, streamOn } from "./stream.ts";
import "./owners.css";
import "./stage.css";
import "./stage-change.css";

type View = RefObject<HTMLDivElement | null>;

export function Stage() {
  const view = useRef<HTMLDivElement>(null);
  const size = useSize(view);
  const input = useSceneInput(size);
  const scene = useMemo(() => input && sceneOf(input), [input]);
  const shown = useShown();
  useEffect(() => startStreams(), []);
  useEffect(() => {
    if (scene) streamOn(scene);
  }, [scene]);
  usePan(view, scene, shown);
  return (
    <div className="stage">
      <div className="stage-view" ref={view}>
        {scene && <Content scene={scene} shown={shown} />}
      </div>
      {scene?.frame.pans && <ColumnMark columns={scene.frame.columns} view={view} />}
      {scene && <Legend entries={scene.legend} />}
    </div>
  );
}

function Content({ scene, shown }: { readonly scene: Scene; readonly shown: Shown }) {
  const { width, height, columns, pans } = scene.frame;
  return (
    <div className={pans ? "stage-content pans" : "stage-content"} style={{ width, height }}>
      <Picture scene={scene} shown={shown} />
      <Packets width={width} height={height} />
      {scene.route && <FollowedPacket route={scene.route} />}
      {pans &&
        columns.map((column) => (
          <div key={column.title} className="snap" style={{ left: column.x - 16 }} />
        ))}
    </div>
  );
}

const COLUMN_OF: Readonly<Record<Place, number>> = {
  port: 0,
  root: 1,
  context: 1,
  directory: 1,
  row: 1,
  space: 2,
  memory: 3,
};

/** On a small screen the stage goes along with the packet, from column to column. */
function usePan(view: View, scene: Scene | null, shown: Shown): void {
  const { journey, stop, phase } = shown;
  const place = journey && (phase === "under way" ? (stop?.place ?? "port") : journey.endPlace);
  const column = scene?.frame.pans && place ? scene.frame.columns[COLUMN_OF[place]] : null;
  const left = column ? column.x - 16 : null;
  useEffect(() => {
    if (left === null) return;
    view.current?.scrollTo({ left, behavior: reducedMotion() ? "auto" : "smooth" });
  }, [left, view]);
}

/** The room that the stage has, in whole pixels; null until it is known. */
function useSize(view: View): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = view.current;
    if (!element) return;
    const measure = () => {
      const [width, height] = [element.clientWidth, element.clientHeight];
      if (width === 0 || height === 0) return;
      setSize((known) =>
        known?.width === width && known.height === height ? known : { width, height },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [view]);
  return size;
}
