// What panels read of the open machine. Each value is worked out once per change of the machine, not once per view.
import { useMemo } from "react";
import type { Hpa } from "../../base/brand.ts";
import { unitOf } from "../../scene/walk.ts";
import type { Unit, Walk } from "../../scene/walk-types.ts";
import type { SessionPort, StaleEntry, Survey } from "../../session/types.ts";
import { shownWalk } from "../hops.ts";
import type { Spotlight } from "../state.ts";
import { appStore, useApp } from "../store.ts";

export const useSession = (): SessionPort | null => useApp((state) => state.session);

/** Keeps the answer of `read` until the machine changes; panels that are open together share it. */
function perRevision<T>(read: (session: SessionPort) => T): () => T | null {
  let known: { session: SessionPort; revision: number; value: T } | null = null;
  return () => {
    const session = useApp((state) => state.session);
    const revision = useApp((state) => state.revision);
    if (!session) return null;
    if (known?.session !== session || known.revision !== revision) {
      known = { session, revision, value: read(session) };
    }
    return known.value;
  };
}

export const useUnit: () => Unit | null = perRevision(unitOf);
export const useSurvey: () => Survey | null = perRevision((session) => session.survey());
export const useStale: () => readonly StaleEntry[] | null = perRevision((session) =>
  session.stale(),
);
export const useCacheEntries = perRevision((session) => session.cacheEntries());

/** The walk that is shown, or null without a request. */
export function useWalk(): Walk | null {
  const session = useSession();
  const revision = useApp((state) => state.revision);
  const at = useApp((state) => state.at);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the machine changes behind the same object.
  return useMemo(() => shownWalk({ ...appStore.getState(), session, at }), [session, revision, at]);
}

/** The field of the entry at `address` that is pointed at, or null. */
export function useSpot(address: Hpa | null): Spotlight | null {
  const spot = useApp((state) => state.spotlight);
  return spot !== null && address !== null && spot.address === address ? spot : null;
}
