// The request as a form: who sends, with which PASID, where to, and what. Typed or chosen from what the tables map.
import { useId, useMemo, useState } from "react";
import { formatBdf, parseBdf } from "../../base/bdf.ts";
import { hex, parseNumber, pasidHex } from "../../base/hex.ts";
import type { Access } from "../../hardware/vtd/types.ts";
import { bytesWord } from "../../scene/words.ts";
import type { MappedRange, Survey } from "../../session/types.ts";
import { actions, useApp } from "../store.ts";
import { Field } from "../ui/Field.tsx";
import { readDraft, spaceOf } from "./draft.ts";
import styles from "./RequestForm.module.css";

const ACCESSES: readonly { readonly id: Access; readonly label: string }[] = [
  { id: "read", label: "Read" },
  { id: "write", label: "Write" },
  { id: "atomic", label: "Atomic" },
];
/** Choices that a list can hold and a person can look through. */
const MOST_RANGES = 300;
const OTHER = "other";

export function RequestForm() {
  const session = useApp((state) => state.session);
  const revision = useApp((state) => state.revision);
  const draft = useApp((state) => state.view.draft);
  const [tried, setTried] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the session changes in place; revision says when.
  const survey = useMemo(() => session?.survey() ?? null, [session, revision]);
  if (!session || !survey) return null;
  const { request, errors } = readDraft(draft);
  // Beside a field that is still empty an error would only be impatient.
  const shown = {
    requester: tried || draft.requester !== "" ? errors.requester : undefined,
    pasid: errors.pasid,
    address: tried || draft.address !== "" ? errors.address : undefined,
  };
  return (
    <form
      id="request"
      aria-labelledby="request-heading"
      className={styles["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (request) actions.send(request);
      }}
    >
      <h3 id="request-heading" className={styles["heading"]}>
        Request
      </h3>
      <RequesterField survey={survey} names={session.info.names} error={shown.requester} />
      <div className={styles["pair"]}>
        <PasidField survey={survey} error={shown.pasid} />
        <AccessField />
      </div>
      <Field label="Address" error={shown.address}>
        {(control) => (
          <input
            {...control}
            className={`${control.className} mono`}
            value={draft.address}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => actions.setDraft({ address: event.target.value })}
          />
        )}
      </Field>
      <RangeField survey={survey} />
    </form>
  );
}

function RequesterField(props: {
  readonly survey: Survey;
  readonly names: ReadonlyMap<number, string>;
  readonly error: string | undefined;
}) {
  const { survey, names, error } = props;
  const text = useApp((state) => state.view.draft.requester);
  const [typing, setTyping] = useState(false);
  const current = parseBdf(text);
  const known = survey.requesters.some(({ requester }) => requester === current);
  const typed = typing || !known;
  return (
    <>
      <Field label="Requester" error={typed ? undefined : error}>
        {(control) => (
          <select
            {...control}
            value={typed ? OTHER : formatBdf(current as NonNullable<typeof current>)}
            onChange={(event) => {
              setTyping(event.target.value === OTHER);
              if (event.target.value !== OTHER) {
                actions.setDraft({ requester: event.target.value, pasid: "" });
              }
            }}
          >
            {survey.requesters.map(({ requester }) => {
              const name = names.get(requester);
              const bdf = formatBdf(requester);
              return (
                <option key={requester} value={bdf}>
                  {name ? `${bdf} ${name}` : bdf}
                </option>
              );
            })}
            <option value={OTHER}>Another, typed</option>
          </select>
        )}
      </Field>
      {typed && (
        <Field label="Bus:device.function" error={error}>
          {(control) => (
            <input
              {...control}
              className={`${control.className} mono`}
              value={text}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => actions.setDraft({ requester: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function PasidField(props: { readonly survey: Survey; readonly error: string | undefined }) {
  const draft = useApp((state) => state.view.draft);
  const list = useId();
  const requester = parseBdf(draft.requester);
  const entries =
    props.survey.requesters.find((found) => found.requester === requester)?.entries ?? [];
  return (
    <Field label="PASID" error={props.error}>
      {(control) => (
        <>
          <input
            {...control}
            className={`${control.className} mono`}
            list={list}
            placeholder="none"
            value={draft.pasid}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => actions.setDraft({ pasid: event.target.value })}
          />
          <datalist id={list}>
            {entries.slice(0, MOST_RANGES).map(
              (entry) =>
                entry.pasid !== null && (
                  <option key={entry.pasid} value={pasidHex(entry.pasid)}>
                    {entry.stage ?? "not usable"}
                  </option>
                ),
            )}
          </datalist>
        </>
      )}
    </Field>
  );
}

function AccessField() {
  const access = useApp((state) => state.view.draft.access);
  return (
    <Field label="Access">
      {(control) => (
        <select
          {...control}
          value={access}
          onChange={(event) => {
            const chosen = ACCESSES.find(({ id }) => id === event.target.value);
            if (chosen) actions.setDraft({ access: chosen.id });
          }}
        >
          {ACCESSES.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const rights = (range: MappedRange) =>
  [range.read && "R", range.write && "W"].filter(Boolean).join(" ");

function RangeField({ survey }: { readonly survey: Survey }) {
  const draft = useApp((state) => state.view.draft);
  // Which space it is does not depend on the address, so one that cannot be read yet leaves the ranges in place.
  const { request } = readDraft({ ...draft, address: "0" });
  if (!request) return null;
  const address = parseNumber(draft.address, true) ?? -1n;
  const space = spaceOf(survey, request.requester, request.pasid);
  if (!space) {
    return <p className={styles["note"]}>The tables give this requester no address space here.</p>;
  }
  if (space.stage === "pass-through") {
    return <p className={styles["note"]}>Pass-through: addresses are used as they are.</p>;
  }
  const ranges = space.ranges.slice(0, MOST_RANGES);
  const inside = ranges.findIndex(
    ({ start, length }) => address >= start && address < start + length,
  );
  const more = space.ranges.length - ranges.length;
  return (
    <Field
      label={`Mapped ranges, ${space.ranges.length}`}
      note={more > 0 ? `${more} more are in the outline.` : undefined}
    >
      {(control) => (
        <select
          {...control}
          className={`${control.className} mono`}
          value={inside < 0 ? "" : String(inside)}
          onChange={(event) => {
            const range = ranges[Number(event.target.value)];
            if (event.target.value !== "" && range) actions.setDraft({ address: hex(range.start) });
          }}
        >
          {inside < 0 && <option value="">not mapped</option>}
          {ranges.map((range, at) => (
            <option key={range.start.toString()} value={String(at)}>
              {`${hex(range.start)}, ${bytesWord(range.length)}, ${rights(range)}`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
