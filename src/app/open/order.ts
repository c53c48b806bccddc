// One thing is opened at a time: a newer order, or the reader, makes an older one end without effect.
let latest = 0;

/** Takes over from whatever is being opened. The answer says whether nobody has taken over since. */
export function takeOrder(): () => boolean {
  const number = ++latest;
  return () => number === latest;
}
