// The rows of the isolation matrix: who can send requests, told apart as the hardware tells them apart, and as people do.
import { formatBdf } from "../base/bdf.ts";
import type { Pasid, RequesterId } from "../base/brand.ts";
import { type Tag, tagName } from "../session/checks/reach.ts";
import type { Ledger } from "../session/findings.ts";
import type { DeviceQueue, Survey, SurveyedEntry } from "../session/types.ts";
import type { Selection } from "./selection.ts";
import { pasidWord } from "./words.ts";

export interface IsolationRow {
  /** "6a:01.0 0x041", and for an mdev without PASID "mdev" and its UUID. */
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
  readonly mdev: string | null;
  /** Process whose queue works under this tag; null: nobody's, or the kernel's own. */
  readonly tenant: string | null;
  /** Row whose requests look the same to the hardware; null: told apart. */
  readonly rides: string | null;
  readonly tag: Tag | null;
  readonly selection: Selection;
}

export interface RowInput {
  readonly tags: ReadonlyMap<string, Tag>;
  readonly tenants: Ledger["tenants"];
  readonly queues: readonly DeviceQueue[];
  readonly names: ReadonlyMap<RequesterId, string>;
}

/** The PASID entry that requests with this tag use; undefined when there is none. */
export function pasidEntryOf(
  survey: Survey,
  requester: RequesterId,
  pasid: Pasid | null,
): SurveyedEntry | undefined {
  return survey.requesters
    .find((one) => one.requester === requester)
    ?.entries.find((entry) =>
      pasid === null ? entry.forRequestsWithoutPasid : entry.pasid === pasid,
    );
}

/** A UUID's first group, as people say it. */
export const shortUuid = (uuid: string): string => uuid.split("-")[0] ?? uuid;

interface Sender {
  readonly requester: RequesterId;
  readonly pasid: Pasid | null;
}

export function isolationRows(input: RowInput): readonly IsolationRow[] {
  const rows = new Map<string, IsolationRow>();
  for (const sender of sendersOf(input))
    rows.set(tagName(sender.requester, sender.pasid), rowOf(sender, input));
  // Functions that work for processes come first: what isolation is about.
  const busy = new Set([
    ...input.queues.map((queue) => queue.function),
    ...input.tenants.map((tenant) => tenant.requester),
  ]);
  const rank = (row: IsolationRow) => (busy.has(row.requester) ? 0 : 1);
  const order = [...rows.values()].sort(
    (a, b) => rank(a) - rank(b) || a.requester - b.requester || (a.pasid ?? -1) - (b.pasid ?? -1),
  );
  // A slice without PASID is a row for people only: behind that of the function it sends as.
  return order.flatMap((row) => [
    row,
    ...input.tenants
      .filter(
        ({ requester, pasid, mdev }) =>
          requester === row.requester && pasid === null && row.pasid === null && mdev !== null,
      )
      .map(({ mdev, process }) => sliceRow(row, mdev ?? "", process)),
  ]);
}

function sendersOf({ tags, tenants, queues }: RowInput): readonly Sender[] {
  const of = (requester: RequesterId, pasid: number | null): Sender => ({
    requester,
    pasid: pasid as Pasid | null,
  });
  return [
    ...[...tags.values()].map((tag) => of(tag.requester, tag.pasid)),
    ...tenants.map((tenant) => of(tenant.requester, tenant.pasid)),
    ...queues.filter((queue) => queue.enabled).map((queue) => of(queue.function, queue.pasid)),
  ];
}

function rowOf({ requester, pasid }: Sender, input: RowInput): IsolationRow {
  const id = tagName(requester, pasid);
  const tenant = input.tenants.find(
    (one) =>
      one.requester === requester && one.pasid === pasid && (pasid !== null || one.mdev === null),
  );
  const bdf = formatBdf(requester);
  const tag = input.tags.get(id) ?? null;
  const mdev = tenant?.mdev ?? null;
  const whose = tenant ? `works for ${tenant.process}` : "";
  const name = input.names.get(requester);
  const none = pasid !== null && !tag?.entry ? "no PASID entry" : "";
  const sender = mdev === null ? [name] : [bdf, pasidWord(pasid)];
  return {
    id,
    title: mdev === null ? `${bdf}, ${pasidWord(pasid)}` : `mdev ${shortUuid(mdev)}`,
    note: [...sender, whose, none].filter(Boolean).join(", "),
    requester,
    pasid,
    mdev,
    tenant: tenant?.process ?? null,
    rides: null,
    tag,
    selection: { kind: "pasid", requester, pasid },
  };
}

const sliceRow = (parent: IsolationRow, mdev: string, process: string): IsolationRow => ({
  ...parent,
  id: `mdev ${mdev}`,
  title: `mdev ${shortUuid(mdev)}`,
  note: `rides on ${formatBdf(parent.requester)}, no PASID, works for ${process}`,
  mdev,
  tenant: process,
  rides: parent.id,
  selection: { kind: "object", id: `mdev ${mdev}` },
});
