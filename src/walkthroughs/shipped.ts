// The scenarios and walkthroughs that ship with the playground, by id. Each is one JSON file beside this one.

/** Loads the text-free JSON value of a shipped file. */
export type Load = () => Promise<unknown>;

export const SHIPPED: ReadonlyMap<string, Load> = new Map();
