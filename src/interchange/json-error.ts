// Where a text stops being JSON (RFC 8259): engines do not agree on telling, so the grammar is followed once more.

const BLANK = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The position behind the string that begins at `at`; -1 - n when it goes wrong at n. */
function endOfString(text: string, at: number): number {
  let here = at + 1;
  while (here < text.length) {
    const character = text[here] ?? "";
    if (character === '"') return here + 1;
    if (character < " ") return -1 - here;
    if (character !== "\\") {
      here++;
      continue;
    }
    ESCAPE.lastIndex = here;
    const found = ESCAPE.exec(text);
    // An escape that the text's end cuts is no error in itself.
    if (!found)
      return -1 - (text.length - here < 6 && cutEscape(text.slice(here)) ? text.length : here);
    here += found[0].length;
  }
  return -1 - text.length;
}

const cutEscape = (rest: string): boolean => /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(rest);

/** The position of the first character that cannot belong to JSON; the length of `text` when it only ends too early. */
export function findJsonError(text: string): number {
  /** Closing brackets that are still to come. */
  const open: ("]" | "}")[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const bracket = (): boolean => {
    const begun = text[at];
    if (begun !== "[" && begun !== "{") return false;
    open.push(begun === "[" ? "]" : "}");
    at++;
    return true;
  };
  const string = (): boolean => {
    if (text[at] !== '"') return false;
    const end = endOfString(text, at);
    at = end < 0 ? -1 - end : end;
    return end >= 0;
  };
  const key = (): boolean => {
    if (!string()) return false;
    skip(BLANK);
    if (text[at] !== ":") return false;
    at++;
    skip(BLANK);
    return true;
  };
  let fresh = false;
  for (;;) {
    skip(BLANK);
    if (fresh && text[at] === open.at(-1)) {
      at++;
      open.pop();
    } else {
      if (open.at(-1) === "}" && !key()) return at;
      fresh = bracket();
      if (fresh) continue;
      if (!string() && !skip(SCALAR)) return at;
    }
    for (skip(BLANK); open.length > 0 && text[at] === open.at(-1); skip(BLANK)) {
      at++;
      open.pop();
    }
    if (open.length === 0 || text[at] !== ",") return at;
    at++;
    fresh = false;
  }
}
