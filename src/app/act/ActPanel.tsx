// Free play: what the shell of root and the virtual machines can do, one form, with faults to inject.

import { useId, useState } from "react";
import {
  DEMAND_FORMS,
  type DemandField,
  type DemandForm,
  fieldValue,
  readDemand,
  type Values,
} from "../../scene/demands.ts";
import { processTitle } from "../../scene/words.ts";
import { worldFacts } from "../../scene/world-facts.ts";
import type { InjectedFault } from "../../session/document.ts";
import type { SessionPort, WorldPort } from "../../session/types.ts";
import { commandOf, runCommand } from "../commands.ts";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { sayMoment } from "../words.ts";
import styles from "./ActPanel.module.css";

const FAULTS: readonly {
  readonly point: InjectedFault["point"] | "none";
  readonly label: string;
}[] = [
  { point: "none", label: "Nothing goes wrong" },
  { point: "invalidation", label: "An invalidation is dropped" },
  { point: "allocation", label: "An allocation fails" },
  { point: "mediation", label: "The driver's mediation does not check" },
  { point: "unpin", label: "The driver forgets to unpin" },
  { point: "pin", label: "Pinning a page fails" },
];

const NOTHING_YET =
  "Nothing yet. The machine has booted. A way to begin: load idxd, create an mdev, start VM-A, assign the mdev to it, and let it write.";

/** How the mdevs of a type are kept apart; the names alone do not tell. */
const TYPE_NOTES: Readonly<Record<string, string>> = {
  "idxd-1dwq-v1": "Isolated by the IOMMU: the driver sets the pointer, and DMA carries a PASID.",
  "idxd-1dwq-mediated": "Isolated by its driver alone: no pointer, and DMA is the parent's own.",
};

const run = (id: string) => () => runCommand(commandOf(id));

export function ActPanel() {
  const session = useApp((state) => state.session);
  useApp((state) => state.revision);
  if (!session?.world) return null;
  return <Act session={session} world={session.world} />;
}

function Act({ session, world }: { readonly session: SessionPort; readonly world: WorldPort }) {
  const actors = world.machine.processes.map(({ name }) => name);
  const [actor, setActor] = useState(actors[0] ?? "root");
  const [want, setWant] = useState<DemandForm["want"]>("load module");
  const [values, setValues] = useState<Values>({});
  const [fault, setFault] = useState<(typeof FAULTS)[number]["point"]>("none");
  const [ordinal, setOrdinal] = useState("1");
  const [trouble, setTrouble] = useState<{ field: string; error: string } | null>(null);
  const id = useId();
  const by = actor === "root" ? "root" : "vm";
  const forms = DEMAND_FORMS.filter((form) => form.by === by);
  const form = forms.find((one) => one.want === want) ?? forms[0];
  if (!form) return null;
  const filled = { ...suggestions(form, world, actor), ...values };

  function submit() {
    if (!form) return;
    const read = readDemand(form, world, filled);
    if ("error" in read) {
      setTrouble(read);
      actions.say(read.error);
      return;
    }
    setTrouble(null);
    const faults =
      fault === "none" ? [] : [{ point: fault, ordinal: Math.max(1, Number(ordinal) || 1) }];
    const done = actions.run({
      op: "demand",
      actor,
      demand: read.demand,
      ...(faults.length > 0 && { faults }),
    });
    // What is free or suggested next is another than now.
    if (done) {
      setValues({});
      setFault("none");
      setOrdinal("1");
    }
  }

  return (
    <div className={styles["panel"]}>
      <div className={styles["scroll"]}>
        <form
          id={id}
          className={styles["form"]}
          aria-label="What an actor does"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label="Who">
            {(control) => (
              <select {...control} value={actor} onChange={(event) => setActor(event.target.value)}>
                {actors.map((name) => (
                  <option key={name} value={name}>
                    {processTitle(name)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Does what">
            {(control) => (
              <select
                {...control}
                value={form.want}
                onChange={(event) => {
                  setWant(event.target.value as DemandForm["want"]);
                  setValues({});
                  setTrouble(null);
                }}
              >
                {forms.map((one) => (
                  <option key={one.want} value={one.want}>
                    {one.label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {form.fields.map((field) => (
            <DemandInput
              key={`${form.want} ${field.name}`}
              field={field}
              world={world}
              values={filled}
              error={trouble?.field === field.name ? trouble.error : undefined}
              onChange={(value) => setValues({ ...values, [field.name]: value })}
            />
          ))}
          <Field label="What goes wrong">
            {(control) => (
              <select
                {...control}
                value={fault}
                onChange={(event) => setFault(event.target.value as typeof fault)}
              >
                {FAULTS.map(({ point, label }) => (
                  <option key={point} value={point}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {fault !== "none" && (
            <Field label="Which one of its kind" note="The first is 1.">
              {(control) => (
                <input
                  {...control}
                  inputMode="numeric"
                  value={ordinal}
                  onChange={(event) => setOrdinal(event.target.value)}
                />
              )}
            </Field>
          )}
        </form>
        <Happened session={session} />
        <Time />
      </div>
      <div className={styles["foot"]}>
        <Button look="filled" type="submit" form={id}>
          {form.label}
        </Button>
        <Button onClick={run("record")}>Record</Button>
      </div>
    </div>
  );
}

/** An mdev that nobody has to assign, and one that the actor has for all else. */
function suggestions(form: DemandForm, world: WorldPort, actor: string): Values {
  if (form.by !== "vm" || !form.fields.some(({ name }) => name === "device")) return {};
  const holder = form.want === "assign device" ? null : actor;
  const mdev = worldFacts(world)
    .functions.flatMap(({ mdevs }) => mdevs)
    .find(({ process }) => process === holder);
  return mdev ? { device: mdev.uuid } : {};
}

function DemandInput(props: {
  readonly field: DemandField;
  readonly world: WorldPort;
  readonly values: Values;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  const { field, world, values, error, onChange } = props;
  const value = fieldValue(field, world, values);
  const options = field.kind === "choice" ? field.options(world, values) : [];
  const none = field.kind === "choice" && options.length === 0 ? "There is none yet." : undefined;
  return (
    <Field
      label={field.label}
      error={error}
      note={none ?? TYPE_NOTES[value] ?? (field.optional ? "May be empty." : undefined)}
    >
      {(control) =>
        field.kind === "choice" ? (
          <select
            {...control}
            value={value}
            disabled={options.length === 0}
            onChange={(event) => onChange(event.target.value)}
          >
            {options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        ) : (
          <input
            {...control}
            spellCheck={false}
            autoComplete="off"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

function Happened({ session }: { readonly session: SessionPort }) {
  const undone = useApp((state) => state.undone);
  const at = useApp((state) => state.at);
  const moment = at === null ? undefined : session.moments[at];
  return (
    <section aria-labelledby="act-happened" className={styles["section"]}>
      <h2 id="act-happened">What happened</h2>
      <p>{moment ? sayMoment(moment, session.info) : NOTHING_YET}</p>
      <div className={styles["row"]}>
        <Button disabled={session.operations.length === 0} onClick={run("undo")}>
          Undo
        </Button>
        <Button disabled={undone === 0} onClick={run("redo")}>
          Redo
        </Button>
      </div>
    </section>
  );
}

const WAITS = [
  { microseconds: 1000, label: "1 ms" },
  { microseconds: 10_000, label: "10 ms" },
  { microseconds: 1_000_000, label: "1 s" },
] as const;

/** Simulated time stands still until somebody lets it pass: lazy unmaps wait for it. */
function Time() {
  return (
    <section aria-labelledby="act-time" className={styles["section"]}>
      <h2 id="act-time">Let time pass</h2>
      <div className={styles["row"]}>
        {WAITS.map(({ microseconds, label }) => (
          <Button key={label} onClick={() => actions.run({ op: "wait", microseconds })}>
            {label}
          </Button>
        ))}
      </div>
    </section>
  );
}
