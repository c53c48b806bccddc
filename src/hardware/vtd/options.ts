// What a unit is built from.
import type { Switches } from "./profile.ts";
import type { CacheSizes, Capabilities } from "./types.ts";

export interface CoreOptions {
  readonly capabilities: Capabilities;
  readonly haw: number;
  readonly switches: Switches;
  readonly caches: CacheSizes;
  readonly ridPasidHonoured: boolean;
  readonly strictAw: boolean;
}
