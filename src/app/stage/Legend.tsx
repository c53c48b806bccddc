// What the marks on the stage mean, in one line under it: only those that occur.
import type { LegendEntry } from "../../scene/legend.ts";

function Sample({ sample }: { readonly sample: LegendEntry["sample"] }) {
  const line = (look: string) => (
    <svg width="24" height="16" viewBox="0 0 24 16" aria-hidden="true">
      <path d="M1 8h22" className={look} />
    </svg>
  );
  const box = (look: string, fill?: string) => (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <rect x="3.5" y="3.5" width="9" height="9" rx="2" className={look} fill={fill} />
    </svg>
  );
  switch (sample) {
    case "travelled":
      return line("legend-travelled");
    case "ahead":
      return line("legend-ahead");
    case "record":
      return line("record");
    case "through":
      return line("legend-through");
    case "cached":
      return (
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.5" className="legend-cached" />
        </svg>
      );
    case "stale":
      return box("legend-stale", "url(#stale-hatch)");
    case "refused":
      return box("mark-refused");
    case "rides":
      return line("software legend-rides");
    case "table page":
      return box("pages-table");
    case "pinned":
      return (
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 4h8v8h-8ZM6.5 6.5v3h3v-3Z" className="legend-pinned" />
        </svg>
      );
  }
}

export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }) {
  return (
    <ul className="legend" aria-label="Legend">
      {entries.map((entry) => (
        <li key={entry.sample}>
          <Sample sample={entry.sample} />
          <span>{entry.words}</span>
        </li>
      ))}
    </ul>
  );
}
