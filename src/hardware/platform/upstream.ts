// A request on its way from a function up to the remapping unit: what may stop it or turn it aside.
// ACS by the PCI Express Base specification, 6.12 (by general knowledge). Root ports do not turn requests to each other.
import type { RequesterId } from "../../base/brand.ts";
import type { ConfigurationSpace } from "./configuration-space.ts";
import type { DeviceEvent } from "./events.ts";
import { onConventionalBus, type PciFunction } from "./topology.ts";

export type NotSent = Extract<DeviceEvent, { kind: "not sent" }>["because"];

export interface Upstream {
  /** Requester id written into the request. */
  readonly requester: RequesterId;
  readonly pasid: number | null;
  readonly translated: boolean;
  readonly address: bigint;
}

export type Route =
  | { readonly to: "unit"; readonly requester: RequesterId }
  | { readonly to: "peer"; readonly peer: PciFunction; readonly bar: 0 | 2 }
  | { readonly to: "nowhere"; readonly because: NotSent };

const nowhere = (because: NotSent): Route => ({ to: "nowhere", because });

export function route(
  space: ConfigurationSpace,
  functions: readonly PciFunction[],
  from: PciFunction,
  request: Upstream,
): Route {
  if (!space.isBusMaster(from)) return nowhere("bus master is off");
  if (request.pasid !== null) {
    if (!space.pasidEnabled(from)) return nowhere("PASID is not enabled in the function");
    const bits = from.description.pasidBits ?? 0;
    if (request.pasid >= 2 ** bits) return nowhere("the function's PASID width is smaller");
  }
  let at = from;
  let { requester } = request;
  for (const next of [...from.above, null]) {
    const peer = peerBeside(space, functions, at, from, request.address);
    if (peer) return { to: "peer", ...peer };
    if (next === null) return { to: "unit", requester };
    const { kind, secondary = 0, subordinate = secondary } = next.description;
    if (!space.isBusMaster(next)) return nowhere("bus master is off");
    if (kind === "PCIe to PCI bridge") requester = (secondary << 8) as RequesterId;
    else if (kind === "PCI to PCI bridge") requester = next.requester;
    else if (kind !== "upstream port") {
      const bus = requester >> 8;
      if (space.acs(next, "SV") && (bus < secondary || bus > subordinate)) {
        return nowhere("blocked by ACS source validation");
      }
      if (space.acs(next, "TB") && request.translated) {
        return nowhere("blocked by ACS translation blocking");
      }
    }
    at = next;
  }
  return { to: "unit", requester };
}

/** The function whose registers take a request before it goes up from the bus that `at` is on. */
function peerBeside(
  space: ConfigurationSpace,
  functions: readonly PciFunction[],
  at: PciFunction,
  from: PciFunction,
  address: bigint,
): { peer: PciFunction; bar: 0 | 2 } | null {
  for (const peer of functions) {
    if (peer === from || !space.decodesMemory(peer)) continue;
    const side = [peer, ...peer.above].find(({ bus }) => bus === at.bus);
    if (side === undefined || side === at || !turns(space, at, side, from)) continue;
    for (const { bar, length } of peer.configuration.windows) {
      const start = space.barAddress(peer, bar);
      if (address >= start && address < start + length) return { peer, bar };
    }
  }
  return null;
}

/** Whether what stands at `at` hands a request to its neighbour `side`. */
function turns(
  space: ConfigurationSpace,
  at: PciFunction,
  side: PciFunction,
  from: PciFunction,
): boolean {
  if (onConventionalBus(at)) return true;
  const sameDevice = at === from && at.requester >> 3 === side.requester >> 3;
  if (at.description.kind !== "downstream port" && !sameDevice) return false;
  // Translated requests may be let through to peers by DT; they are redirected like all others without it.
  return !space.acs(at, "RR");
}
