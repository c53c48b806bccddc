// Turns what a reader wants gone into the operation that a session runs.
import { IQA } from "../hardware/layout/registers.ts";
import { type InvalidationScope, invalidationDescriptors } from "../session/invalidations.ts";
import type { Operation, SessionPort } from "../session/types.ts";

const IQA_DW = 1n << 11n;

/** The global invalidation of `scope`; null when the unit has no cache of that kind in use. */
export function invalidationOf(session: SessionPort, scope: InvalidationScope): Operation | null {
  const { capabilities, info } = session;
  const descriptors = invalidationDescriptors(
    { scope },
    {
      environment: { capabilities, haw: info.haw },
      scalable: session.survey().mode === "scalable",
      wide: (session.readRegister(IQA.offset(capabilities), 8) & IQA_DW) !== 0n,
    },
  );
  return descriptors.length === 0 ? null : { op: "invalidate", descriptors };
}
