// Copies of plain records: whole ones to work on, and ones that share with an older copy what did not change.

type Plain = null | boolean | number | string | undefined | Plain[] | { [key: string]: Plain };

/** A copy that shares nothing with `value`. */
export function copyOf<T>(value: T): T {
  return copy(value as Plain) as T;
}

function copy(value: Plain): Plain {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: { [key: string]: Plain } = {};
  for (const key in value) result[key] = copy(value[key]);
  return result;
}

/** How many values copies hold for themselves alone. */
export interface Size {
  values: number;
}

/**
 * A copy of `value` that uses the parts of `older`, an earlier copy that nobody writes to, where they are equal and in
 * the same order. Adds what it could not share to `size`.
 */
export function copySharing<T>(value: T, older: T | undefined, size: Size = { values: 0 }): T {
  return share(value as Plain, older as Plain, size) as T;
}

function share(value: Plain, older: Plain, size: Size): Plain {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const before = Array.isArray(older) ? older : [];
    let same = Array.isArray(older) && before.length === value.length;
    const result = value.map((item, index) => {
      const shared = share(item, before[index], size);
      if (shared !== before[index]) same = false;
      return shared;
    });
    if (same) return before;
    size.values += result.length + 1;
    return result;
  }
  const before = older && typeof older === "object" && !Array.isArray(older) ? older : null;
  let same = before !== null;
  const result: { [key: string]: Plain } = {};
  let count = 0;
  for (const key in value) {
    const shared = share(value[key], before?.[key], size);
    if (!before || shared !== before[key] || !(key in before)) same = false;
    result[key] = shared;
    count++;
  }
  if (same && before) {
    const keys = Object.keys(before);
    const now = Object.keys(value);
    if (keys.length === count && keys.every((key, index) => key === now[index])) return before;
  }
  size.values += count + 1;
  return result;
}
