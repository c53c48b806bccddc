// The drawing of the timeline. It is one slider: pointer and keys move the cursor, nothing else in it takes focus.
import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";
import { placeAt, type TimelineInput, timeline, xOf } from "../../../scene/timeline.ts";
import { LANE_WORD } from "../../../scene/timeline-lanes.ts";
import { forksOf, placeWords } from "../../../scene/timeline-steps.ts";
import type { Place, SessionPort } from "../../../session/types.ts";
import { useApp } from "../../store.ts";
import { classes } from "../../ui/classes.ts";
import { useWidth } from "../../ui/use-width.ts";
import { showBranch } from "./Branches.tsx";
import "../../stage/owners.css";
import { goTo } from "./go.ts";
import styles from "./Timeline.module.css";

interface Props {
  readonly session: SessionPort;
  readonly first: number;
  readonly count: number;
  readonly hueOf: TimelineInput["hueOf"];
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

const LANE = 16;
const FORKS = 24;

export function Lanes({ session, first, count, hueOf, onKeyDown }: Props) {
  const track = useRef<HTMLDivElement>(null);
  const width = useWidth(track);
  const revision = useApp((state) => state.revision);
  const { moments, place, branches } = session;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes behind the same object.
  const drawn = useMemo(
    () => timeline({ moments, place, first, count, width, hueOf }),
    [revision, session, first, count, width, hueOf],
  );
  const forks = forksOf(branches, place.branch).flatMap((fork) => {
    const x = xOf(drawn.scale, fork.operation, null);
    return x === null ? [] : [{ ...fork, x }];
  });
  const drag = useDrag(session, (x) => placeAt(drawn.scale, x, place.branch));
  const height = LANE * drawn.rows.length;
  return (
    <div className={styles["lanes"]}>
      <ul className={styles["names"]} style={{ marginTop: forks.length > 0 ? FORKS : 0 }}>
        {drawn.rows.map((row) => (
          <li key={row.lane}>{LANE_WORD[row.lane]}</li>
        ))}
      </ul>
      <div>
        {forks.length > 0 && (
          <div className={styles["forks"]}>
            {forks.map((fork) => (
              <button
                key={fork.branch}
                type="button"
                style={{ left: Math.min(fork.x, width - 90) }}
                onClick={() => showBranch(session, fork.branch)}
              >
                <ForkMark /> branch {branches.findIndex(({ id }) => id === fork.branch) + 1}
              </button>
            ))}
          </div>
        )}
        <div
          ref={track}
          role="slider"
          tabIndex={0}
          aria-label="Moment"
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={moments.length}
          aria-valuenow={place.operation}
          aria-valuetext={placeWords(place, moments)}
          className={styles["track"]}
          onKeyDown={onKeyDown}
          {...drag}
        >
          <svg width={width} height={height} aria-hidden="true">
            {drawn.rows.map((row, at) => (
              <path
                key={row.lane}
                className={styles["rule"]}
                d={`M0 ${at * LANE + LANE / 2 + 0.5}H${width}`}
              />
            ))}
            {drawn.rows.flatMap((row, at) =>
              row.ticks.map((ticks) => (
                <path
                  key={`${row.lane} ${ticks.look}`}
                  className={classes(styles["ticks"], styles[ticks.look], ticks.look)}
                  d={ticks.spans.map(({ x, w }) => box(x, at * LANE + 3, w, LANE - 6)).join("")}
                />
              )),
            )}
            {drawn.cursor !== null && drawn.cursor < width && (
              <rect
                className={styles["later"]}
                x={drawn.cursor}
                width={width - drawn.cursor}
                height={height}
              />
            )}
            {drawn.rows.flatMap((row, at) =>
              row.labels.map((label) => (
                <g key={`${row.lane} ${label.x}`}>
                  <rect
                    className={styles["behind"]}
                    x={label.x - 2}
                    y={at * LANE}
                    width={label.w + 4}
                    height={LANE}
                  />
                  <text
                    x={label.x}
                    y={at * LANE + 12}
                    className={classes(
                      styles["label"],
                      label.fault && styles["refused"],
                      label.late && styles["late"],
                    )}
                  >
                    {label.text}
                  </text>
                </g>
              )),
            )}
            {drawn.cursor !== null && (
              <path
                className={styles["cursor"]}
                d={`M${clamp(drawn.cursor, width)} 0V${height}m-5 ${-height}h10l-5 6Z`}
              />
            )}
          </svg>
        </div>
      </div>
    </div>
  );
}

const tidy = (value: number): number => Math.round(value * 10) / 10;
const box = (x: number, y: number, w: number, h: number): string =>
  `M${tidy(x)} ${y}h${tidy(w)}v${h}h${-tidy(w)}Z`;
const clamp = (x: number, width: number): number => tidy(Math.max(1, Math.min(width - 1, x)));

const ForkMark = () => (
  <svg width="10" height="12" viewBox="0 0 10 12" aria-hidden="true">
    <path d="M3 11V1M3 8Q8 7 8 2" fill="none" stroke="currentColor" strokeWidth="2" />
  </svg>
);

/** Pressing goes there, and dragging goes on; at most once per frame. */
function useDrag(session: SessionPort, at: (x: number) => Place) {
  const asked = useRef<Place | null>(null);
  const frame = useRef(0);
  const move = (event: PointerEvent<HTMLElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    asked.current = at(event.clientX - left);
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      if (asked.current) goTo(session, asked.current);
    });
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      move(event);
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event);
    },
  };
}
