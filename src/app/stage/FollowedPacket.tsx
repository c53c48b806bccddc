// The packet that is followed, an element in a layer of its own: moving it repaints nothing else.
import { useEffect, useRef } from "react";
import type { Journey } from "../../scene/journey-types.ts";
import { packetAt, type Route } from "../../scene/route.ts";
import { ACCESS_LETTER } from "../../scene/words.ts";
import { clock } from "../clock.ts";
import { journeyTime } from "./conductor.ts";

const SIZE = { w: 32, h: 20 } as const;

export function FollowedPacket({ route }: { readonly route: Route }) {
  const element = useRef<SVGSVGElement>(null);
  useEffect(() => {
    let drawn = "";
    const draw = () => {
      const at = packetAt(route, journeyTime());
      if (!at) return undefined;
      const x = (at.x - SIZE.w / 2).toFixed(1);
      const y = (at.y - SIZE.h / 2).toFixed(1);
      const place = `translate(${x}px, ${y}px)`;
      if (place !== drawn && element.current) element.current.style.transform = place;
      drawn = place;
      return undefined;
    };
    draw();
    return clock.subscribe("dom", draw);
  }, [route]);
  return (
    <svg
      ref={element}
      className={`packet own-${route.owner?.hue ?? "none"}`}
      width={SIZE.w}
      height={SIZE.h}
      viewBox={`${-SIZE.w / 2} ${-SIZE.h / 2} ${SIZE.w} ${SIZE.h}`}
      aria-hidden="true"
    >
      <rect x={-14} y={-8} width={28} height={16} rx={8} />
      <text y={4} textAnchor="middle" className="digit">
        {letterOf(route.journey)}
      </text>
    </svg>
  );
}

function letterOf({ end, access }: Journey): string {
  if (end.kind === "interrupt") return "I";
  return end.kind === "reached" && end.how === "pass-through" ? "=" : ACCESS_LETTER[access];
}
