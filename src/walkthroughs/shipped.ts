// The scenarios and walkthroughs that ship with the playground, by id. Each is one JSON file beside this one.

export interface Shipped {
  /** As in the file. */
  readonly title: string;
  /** Loads the JSON value of the file. */
  readonly load: () => Promise<unknown>;
}

export const SHIPPED: ReadonlyMap<string, Shipped> = new Map();
