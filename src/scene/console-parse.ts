// One line of the console as a shell reads it: words, quotes, one redirection. Nothing else of a shell is there, and says so.

export interface CommandLine {
  readonly words: readonly string[];
  /** File of `>` or `>>`; null: none. */
  readonly into: string | null;
}

export type Parsed =
  | { readonly ok: true; readonly line: CommandLine }
  /** What the shell prints. */
  | { readonly ok: false; readonly error: string };

/** Characters that a line may have. */
export const LONGEST_LINE = 4096;

const refused = (error: string): Parsed => ({ ok: false, error: `sh: ${error}` });

/** Marks of a shell that this one does not have. */
const MISSING: Readonly<Record<string, string>> = {
  "|": "pipes are not part of this console",
  ";": "one command at a time",
  "&": "commands run one after another here",
  "<": "input comes from files only: use cat",
  "`": "no command runs inside another here",
  $: "there are no variables here",
  "*": "names are not expanded here: use Tab",
  "(": "no command runs inside another here",
};

export function parseCommandLine(text: string): Parsed {
  if (text.length > LONGEST_LINE) return refused(`a line has at most ${LONGEST_LINE} characters`);
  const control = [...text].find((letter) => letter < " " || letter === "\x7f");
  if (control !== undefined) return refused("a control character is in the line");
  const words: string[] = [];
  let into: string | null = null;
  let word: string | null = null;
  /** A redirection waits for its file. */
  let waits = false;
  const finish = () => {
    if (word === null) return;
    if (waits) into = word;
    else words.push(word);
    waits = false;
    word = null;
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "#" && word === null) break;
    if (letter === " ") finish();
    else if (letter === "'" || letter === '"') {
      const end = closingQuote(text, at);
      if (end < 0) return refused(`the quote ${letter} is not closed`);
      word = (word ?? "") + unquoted(text.slice(at + 1, end), letter);
      at = end;
    } else if (letter === "\\") {
      if (at + 1 === text.length) return refused("nothing follows the last \\");
      word = (word ?? "") + text[++at];
    } else if (letter === ">") {
      // A number right before it is a descriptor: only standard output has somewhere to go.
      if (word !== null && /^[02-9]$/.test(word)) return refused("only > to a file is here");
      if (word === "1") word = null;
      finish();
      if (text[at + 1] === ">") at++;
      if (waits || into !== null) return refused("one > for each command");
      waits = true;
    } else {
      const missing = MISSING[letter];
      if (missing !== undefined) return refused(`${letter}: ${missing}`);
      word = (word ?? "") + letter;
    }
  }
  finish();
  if (waits) return refused("syntax error: a file is expected after >");
  return { ok: true, line: { words, into } };
}

/** Position of the quote that closes the one at `from`; -1: none. In double quotes a backslash hides one. */
function closingQuote(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

const unquoted = (text: string, quote: string): string =>
  quote === '"' ? text.replace(/\\(["\\$`])/g, "$1") : text;

/** `path` seen from `cwd`, without `.`, `..` and doubled slashes. */
export function absolute(path: string, cwd: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
