// On small screens: which of the four columns is in view, and a way to each.
import { useEffect, useState } from "react";
import type { Column } from "../../scene/columns.ts";

export function ColumnMark({
  columns,
  view,
}: {
  readonly columns: readonly Column[];
  readonly view: React.RefObject<HTMLDivElement | null>;
}) {
  const [at, setAt] = useState(0);
  useEffect(() => {
    const element = view.current;
    if (!element) return;
    const look = () => {
      const left = element.scrollLeft;
      const end = left >= element.scrollWidth - element.clientWidth - 2;
      const distances = columns.map((column) => Math.abs(column.x - 16 - left));
      setAt(end ? columns.length - 1 : distances.indexOf(Math.min(...distances)));
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [columns, view]);
  return (
    <nav className="column-mark" aria-label="Columns of the stage">
      {columns.map((column, index) => (
        <button
          key={column.title}
          type="button"
          aria-current={index === at}
          onClick={() => view.current?.scrollTo({ left: column.x - 16 })}
        >
          {column.title}
        </button>
      ))}
    </nav>
  );
}
