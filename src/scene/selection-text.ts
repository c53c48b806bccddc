// Objects by the words of files and findings: "requester 6a:01.0 0x41", "entry 0x1065040", "domain 7", "mdev UUID".

import { parseBdf } from "../base/bdf.ts";
import { type Hpa, hpa, pasid } from "../base/brand.ts";
import { parseNumber } from "../base/hex.ts";
import type { Survey } from "../session/types.ts";
import { ENTRY_KINDS } from "./listing-memory.ts";
import type { Selection } from "./selection.ts";

/** Null: the text names nothing that can be selected. */
export function selectionOf(text: string, survey: Survey): Selection | null {
  const [kind = "", first = "", second = ""] = text.trim().split(/\s+/);
  switch (kind) {
    case "requester":
    case "pasid": {
      const requester = parseBdf(first);
      if (requester === undefined) return null;
      const number = second === "" ? undefined : parseNumber(second);
      if (number !== undefined && number < 1n << 20n) {
        return { kind: "pasid", requester, pasid: pasid(Number(number)) };
      }
      return kind === "pasid"
        ? { kind: "pasid", requester, pasid: null }
        : { kind: "requester", requester };
    }
    case "entry":
      return entryAt(first, survey);
    case "memory":
    case "page": {
      const address = physical(first);
      return address === null ? null : { kind: "memory", address };
    }
    case "domain": {
      const space = survey.spaces.find((one) => one.domains.some((id) => String(id) === first));
      return space ? { kind: "space", id: space.id } : object(text);
    }
    case "function":
      return first === "" ? null : { kind: "function", symbol: first };
    case "check":
      return first === "" ? null : { kind: "check", id: first };
    default:
      return object(text);
  }
}

function object(text: string): Selection | null {
  const id = text.trim();
  return /^\S+ \S/.test(id) ? { kind: "object", id } : null;
}

function physical(text: string): Hpa | null {
  const value = parseNumber(text);
  return value === undefined || value >> 52n !== 0n ? null : hpa(value);
}

/** What kind of entry stands there, by the table that the page holds; memory where it holds none. */
function entryAt(text: string, survey: Survey): Selection | null {
  const address = physical(text);
  if (address === null) return null;
  const page = address & ~0xfffn;
  const table = survey.tables.find((one) => one.address === page);
  const kind = table && ENTRY_KINDS[table.role];
  if (!table || !kind) return { kind: "memory", address };
  return { kind: "entry", table: kind, level: table.level, address };
}
