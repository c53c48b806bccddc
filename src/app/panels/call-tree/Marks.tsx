// Marks of the call tree: fork for a special case, four dots for a symbol looked up at run time, socket for an export.

/** A branch that exists for one kind of device. */
export const ForkMark = () => (
  <svg width="10" height="14" viewBox="0 0 10 14" role="img" aria-label="special case">
    <path
      d="M3 13V1M3 10Q8 9 8 3M1 3l2-2 2 2M6 5l2-2 2 2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
    />
  </svg>
);

/** Another module's export found by name while running. */
export const LookupMark = () => (
  <svg width="18" height="8" viewBox="0 0 18 8" role="img" aria-label="looked up at run time">
    <path
      d="M1.5 4h0M6.5 4h0M11.5 4h0M16.5 4h0"
      stroke="currentColor"
      strokeWidth="3"
      strokeLinecap="round"
    />
  </svg>
);

/** Other modules may call it. */
export const ExportMark = () => (
  <svg width="10" height="10" viewBox="0 0 10 10" role="img" aria-label="exported">
    <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
  </svg>
);
