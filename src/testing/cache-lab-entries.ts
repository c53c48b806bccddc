// Root, context, PASID directory and PASID tables of the machine for cache tests, and what they may be changed to.
import {
  DEVICES,
  DOMAINS,
  type Editable,
  type LabShape,
  SPACES_OF_PASID,
  type SpaceName,
} from "./cache-lab-types.ts";
import type { TableBuilder } from "./tables.ts";

const big = BigInt;

export function legacyTables(
  builder: TableBuilder,
  editables: Editable[],
  shape: LabShape,
  roots: { readonly S1: bigint; readonly S2: bigint },
  rootTable: bigint,
  contextTable: bigint,
): void {
  const root = [contextTable | 1n, 0n];
  builder.put("root", rootTable, root);
  editables.push({ what: { table: "root" }, address: rootTable, values: [root, [0n, 0n]] });
  const values = [
    [roots.S1 | 1n, big(shape.widths[0]) | (big(DOMAINS.S1) << 8n)],
    [roots.S2 | 1n, big(shape.widths[1]) | (big(DOMAINS.S2) << 8n)],
    [1n | (2n << 2n), big(shape.widths[0]) | (big(DOMAINS.PT) << 8n)],
    [0n, 0n],
  ];
  DEVICES.forEach((requester, device) => {
    const address = contextTable + big(requester & 0xff) * 16n;
    builder.put("context", address, values[device] ?? []);
    editables.push({ what: { table: "context", device }, address, values });
  });
}

export function scalableTables(
  builder: TableBuilder,
  editables: Editable[],
  shape: LabShape,
  roots: Readonly<Record<Exclude<SpaceName, "PT">, bigint>>,
  rootTable: bigint,
  contextTables: readonly bigint[],
): bigint[][] {
  const entryOf = (space: SpaceName): bigint[] => {
    const type = { F: 1n, S: 2n, N: 3n, P: 4n }[space[0] as "F" | "S" | "N" | "P"];
    const width = big(space === "S2" ? shape.widths[1] : shape.widths[0]);
    let low = 1n | (type << 6n);
    if (type === 2n || type === 3n) {
      low |= (width << 2n) | (shape.ssade ? 1n << 9n : 0n);
      low |= space === "S2" ? roots.S2 : roots.S1;
    }
    let third = 0n;
    if (space !== "PT" && (type === 1n || type === 3n)) {
      const levels = type === 3n ? 4 : shape.levels[space === "F1" ? 0 : 1];
      third = roots[space] | (levels === 5 ? 1n << 2n : 0n);
    }
    return [low, (1n << 23n) | big(DOMAINS[space]), third, 0n, 0n, 0n, 0n, 0n];
  };
  return DEVICES.map((requester, device) => {
    const half = rootTable + (requester & 0x80 ? 8n : 0n);
    const otherContexts = builder.newTable();
    const root = [(contextTables[device] ?? 0n) | 1n];
    builder.put("root", half, root);
    const roots = [root, [otherContexts | 1n], [0n]];
    editables.push({ what: { table: "root" }, address: half, values: roots });

    const [directory, pasidTable] = [builder.newTable(), builder.newTable()];
    const [otherDirectory, otherPasids] = [builder.newTable(), builder.newTable()];
    const at = big(requester & 0x7f) * 32n;
    const context = (contextTables[device] ?? 0n) + at;
    // P, DTE, PASIDE; requests without PASID use PASID 0 or 3.
    const withRid = (rid: bigint): bigint[] => [directory | 0xdn, rid, 0n, 0n];
    const elsewhere = [otherDirectory | 0xdn, 0n, 0n, 0n];
    builder.put("context", context, withRid(device === 0 ? 0n : 3n));
    builder.put("context", otherContexts + at, elsewhere);
    builder.put("directory", otherDirectory, [otherPasids | 1n]);
    const withoutPasid = [directory | 0x5n, 0n, 0n, 0n];
    const contexts = [withRid(0n), withRid(3n), elsewhere, withoutPasid, [0n, 0n, 0n, 0n]];
    editables.push({ what: { table: "context", device }, address: context, values: contexts });

    builder.put("directory", directory, [pasidTable | 1n]);
    const directories = [[pasidTable | 1n], [otherPasids | 1n], [pasidTable | 3n], [0n]];
    editables.push({
      what: { table: "directory", device },
      address: directory,
      values: directories,
    });

    SPACES_OF_PASID.forEach((spaces, pasid) => {
      const address = pasidTable + big(pasid) * 64n;
      const values = [...spaces.map(entryOf), [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]];
      builder.put("pasid", address, values[(device + pasid) % 3] ?? []);
      const other = values[(device + pasid + 1) % 3] ?? [];
      builder.put("pasid", otherPasids + big(pasid) * 64n, other);
      editables.push({ what: { table: "pasid", device, pasid }, address, values });
    });
    return [context, otherContexts + at];
  });
}
