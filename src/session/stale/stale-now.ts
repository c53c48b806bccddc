// Asks the unit itself what a walk without caches gives for each cached entry. Leaves marks on the machine:
// the caller takes a checkpoint before and restores it after.
import { hpa } from "../../base/brand.ts";
import { high32, join64, low32 } from "../../base/words.ts";
import { pageOffsetMask } from "../../hardware/layout/paging.ts";
import { environmentOf } from "../../hardware/vtd/environment.ts";
import type { FaultCode } from "../../hardware/vtd/fault-codes.ts";
import { switchesOf } from "../../hardware/vtd/profile.ts";
import { FLAG, RESULT } from "../../hardware/vtd/request.ts";
import type { RemappingUnit } from "../../hardware/vtd/unit.ts";
import type { Hardware } from "../operations.ts";
import { pasidMeaning } from "../survey/entries.ts";
import type { SpaceRoot } from "../survey/spaces.ts";
import type { StaleEntry, Survey } from "../types.ts";
import { type ColdTranslation, type IotlbEntry, staleEntries, type TaggedRoot } from "./stale.ts";

export function staleNow({ store, unit }: Hardware, survey: Survey): StaleEntry[] {
  const entries = unit.cacheEntries();
  if (entries.length === 0) return [];
  const { capabilities, haw, profile } = unit;
  const switches = switchesOf(profile);
  const environment = environmentOf({ capabilities, haw, switches });
  return staleEntries({
    entries,
    memory: store,
    from: { scalable: survey.mode === "scalable", root: survey.rootTable, haw },
    environment,
    roots: rootsOf(survey, (address) => {
      const words = Array.from({ length: 8 }, (_, i) =>
        store.readWord(hpa(address + BigInt(8 * i))),
      );
      return pasidMeaning(words, environment, switches).space;
    }),
    translate: (entry, access) => translate(unit, survey, entry, access),
  });
}

/** Every entry in use with the tables behind it. */
function rootsOf(survey: Survey, read: (address: bigint) => SpaceRoot | null): TaggedRoot[] {
  const levels = new Map(survey.spaces.map((space) => [space.id, space]));
  return survey.requesters.flatMap(({ requester, entries }) =>
    entries.flatMap(({ pasid, domain, stage, space, address }): TaggedRoot[] => {
      if (stage === null || space === null) return [];
      const known = levels.get(space);
      const legacy: SpaceRoot | null =
        stage === "second-stage" && known && known.root !== null
          ? { stage, root: Number(known.root), levels: known.levels }
          : { stage: "pass-through" };
      const root = pasid === null ? legacy : read(address);
      return root ? [{ domain, requester, pasid, root }] : [];
    }),
  );
}

/** One cold walk. A cached entry may stem from a supervisor request: that is tried when a user's is refused. */
function translate(
  unit: RemappingUnit,
  survey: Survey,
  entry: IotlbEntry,
  access: "read" | "write",
): ColdTranslation {
  const found = survey.requesters.find(({ requester }) => requester === entry.requester);
  const rid = found?.entries.find(({ forRequestsWithoutPasid }) => forRequestsWithoutPasid)?.pasid;
  const without = entry.pasid === null || entry.pasid === (rid ?? 0);
  const flags = access === "read" ? FLAG.READ : FLAG.WRITE;
  const ask = (more: number): ColdTranslation => {
    unit.clearCaches();
    const status = unit.translate(
      entry.requester ?? 0,
      without ? -1 : (entry.pasid ?? -1),
      high32(entry.address),
      low32(entry.address),
      flags | more,
    );
    if (status !== 0) return { fault: status < 0x100 ? (status as FaultCode) : null };
    const { result } = unit;
    const level = result[RESULT.LEVEL] ?? 0;
    // Level 0: past the tables, one page as large as memory.
    const mask = level === 0 ? (1n << 52n) - 1n : pageOffsetMask(level);
    return { target: join64(result[RESULT.HIGH] ?? 0, result[RESULT.LOW] ?? 0), mask };
  };
  const user = ask(0);
  if (!("fault" in user) || without) return user;
  const supervisor = ask(FLAG.PRIVILEGED);
  return "fault" in supervisor ? user : supervisor;
}
