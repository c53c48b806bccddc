// Words with names of code between backticks.
export function Marked({ text }: { readonly text: string }) {
  return (
    text
      .split("`")
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text never move.
      .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
  );
}
