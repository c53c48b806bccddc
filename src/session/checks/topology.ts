// Which functions the fabric can keep apart, from the machine's description alone: what a group must be, without asking the kernel.
// A function is kept apart when every port above it redirects requests upstream (ACS) and no bridge lends it a shared requester id.
import { parseBdf } from "../../base/bdf.ts";
import type { RequesterId } from "../../base/brand.ts";
import type {
  AcsBit,
  FunctionDescription,
  PlatformDescription,
} from "../../hardware/platform/description.ts";

const REQUIRED: readonly AcsBit[] = ["SV", "RR", "CR", "UF"];
const PORTS: readonly FunctionDescription["kind"][] = ["root port", "downstream port"];
const BRIDGES: readonly FunctionDescription["kind"][] = ["PCIe to PCI bridge", "PCI to PCI bridge"];

interface Placed {
  readonly description: FunctionDescription;
  readonly requester: RequesterId;
}

const isPort = ({ description }: Placed): boolean => description.secondary !== undefined;

/** Sets of functions that cannot be kept apart, bridges and ports left out; in order of requester id. */
export function inseparable(platform: PlatformDescription): readonly (readonly RequesterId[])[] {
  const placed = platform.functions.flatMap((description): Placed[] => {
    const requester = parseBdf(description.address);
    return requester === undefined ? [] : [{ description, requester }];
  });
  const leader = new Map(placed.map(({ requester }) => [requester, requester]));
  const find = (of: RequesterId): RequesterId => {
    const next = leader.get(of) ?? of;
    return next === of ? of : find(next);
  };
  for (const one of placed) {
    for (const peer of placed) {
      const sameDevice = peer !== one && peer.requester >> 3 === one.requester >> 3;
      if (sameDevice && !separate(one, placed) && !separate(peer, placed)) {
        leader.set(find(one.requester), find(peer.requester));
      }
    }
    const above = portAbove(one, placed);
    if (above && !pathSeparates(above, placed)) {
      leader.set(find(one.requester), find(above.requester));
    }
  }
  const sets = new Map<RequesterId, RequesterId[]>();
  for (const one of placed) {
    if (isPort(one) || one.description.kind === "host bridge") continue;
    const root = find(one.requester);
    sets.set(root, [...(sets.get(root) ?? []), one.requester]);
  }
  return [...sets.values()].map((set) => set.sort((a, b) => a - b));
}

const portAbove = ({ requester }: Placed, placed: readonly Placed[]): Placed | undefined =>
  placed.find(({ description }) => description.secondary === requester >> 8);

function pathSeparates(port: Placed, placed: readonly Placed[]): boolean {
  const above = portAbove(port, placed);
  return separate(port, placed) && (above === undefined || pathSeparates(above, placed));
}

/** The function itself lets nothing through to a peer. */
function separate(one: Placed, placed: readonly Placed[]): boolean {
  const { kind, acs } = one.description;
  if (BRIDGES.includes(kind) || kind === "conventional") return false;
  const alone = !placed.some((peer) => peer !== one && peer.requester >> 3 === one.requester >> 3);
  if (!PORTS.includes(kind) && alone) return true;
  return REQUIRED.every((bit) => acs?.includes(bit));
}
