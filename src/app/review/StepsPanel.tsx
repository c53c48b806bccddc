// The walkthrough: question, the shown step with what it changed, its checks and sources, and the way on.
import { useEffect, useRef } from "react";
import { judgeDeclared } from "../../scene/checks.ts";
import { deltaOf } from "../../scene/step-delta.ts";
import type { DeclaredCheck, Source, Step } from "../../session/document.ts";
import type { PlayedCheck } from "../../session/play.ts";
import type { Scenario } from "../../session/scenario.ts";
import type { SessionPort } from "../../session/types.ts";
import { commandOf, runCommand } from "../commands.ts";
import { CheckMark } from "../panels/checks/CheckMark.tsx";
import { actions, useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import { Marked } from "../ui/Marked.tsx";
import { CountList } from "./CountList.tsx";
import styles from "./StepsPanel.module.css";
import { type StepPlace, stepPlaces } from "./steps.ts";

const run = (id: string) => () => runCommand(commandOf(id));

export function StepsPanel() {
  const session = useApp((state) => state.session);
  const scenario = useApp((state) => state.scenario);
  const shown = useApp((state) => state.step);
  useApp((state) => state.revision);
  if (!session || !scenario?.walkthrough) {
    return <p className={styles["empty"]}>This machine has no walkthrough. Act, and record one.</p>;
  }
  const places = stepPlaces(scenario);
  const place = places.find(({ step }) => step.id === shown) ?? places[0];
  return place ? (
    <Shown session={session} scenario={scenario} places={places} place={place} />
  ) : null;
}

interface ShownProps {
  readonly session: SessionPort;
  readonly scenario: Scenario;
  readonly places: readonly StepPlace[];
  readonly place: StepPlace;
}

function Shown({ session, scenario, places, place }: ShownProps) {
  const part = useRef<HTMLElement>(null);
  const told = place.step.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step is read from its beginning.
  useEffect(() => {
    if (!part.current) return;
    part.current.scrollTop = 0;
    if (part.current.contains(document.activeElement)) part.current.focus();
  }, [told]);
  const goBack = () => {
    actions.showStep(told);
    // The button goes away; its place is kept.
    part.current?.focus();
  };
  const next = places[place.index + 1];
  const { branch, operation, event } = session.place;
  const away = branch !== 0 || operation !== place.operation || event !== null;
  return (
    <div className={styles["panel"]}>
      <section
        ref={part}
        className={styles["scroll"]}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part must be reachable by keyboard.
        tabIndex={0}
        aria-label="Step of the walkthrough"
      >
        <p className={styles["where"]}>
          Step {place.index + 1} of {places.length}
        </p>
        <h2 className="t-title">{place.step.title}</h2>
        <p className={styles["caption"]}>
          <Marked text={place.step.caption} />
        </p>
        {place.step.labelled && (
          <p className={styles["label"]}>Read from the code or remembered: nobody measured it.</p>
        )}
        {away && (
          <div className={styles["away"]}>
            <p>You have left this step. What you do now grows a branch of its own.</p>
            <Button onClick={goBack}>Return to the step</Button>
          </div>
        )}
        {place.index === 0 && <Premises scenario={scenario} />}
        <Changed session={session} place={place} />
        {(place.step.counts ?? []).map((id) => (
          <CountList key={id} id={id} session={session} />
        ))}
        <Checks scenario={scenario} step={place.step} />
        <Sources sources={place.step.sources} />
        <AllSteps places={places} shown={place.step.id} />
      </section>
      <div className={styles["foot"]}>
        <Button disabled={place.index === 0} onClick={run("step-back")}>
          Back
        </Button>
        <Button look="filled" disabled={!next} onClick={run("step-next")}>
          {next ? `Next: ${next.step.title}` : "The last step"}
        </Button>
      </div>
    </div>
  );
}

function Premises({ scenario }: { readonly scenario: Scenario }) {
  const { question = "", assumptions = [] } = scenario.walkthrough ?? {};
  return (
    <section className={styles["section"]} aria-labelledby="premises">
      <h3 id="premises">The question</h3>
      <p className={styles["caption"]}>{question}</p>
      <h3>Assumed</h3>
      <ul className={styles["list"]}>
        {assumptions.map((one) => (
          <li key={one}>
            <Marked text={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changed({ session, place }: { readonly session: SessionPort; readonly place: StepPlace }) {
  const delta = deltaOf(session.moments.slice(place.from, place.operation));
  if (delta.lines.length === 0) return null;
  return (
    <section className={styles["section"]} aria-labelledby="changed">
      <h3 id="changed">Changed by this step</h3>
      <table className={styles["counts"]}>
        <tbody>
          {delta.lines.map(({ count, words }) => (
            <tr key={words}>
              <td>{count}</td>
              <th scope="row">{words}</th>
            </tr>
          ))}
        </tbody>
      </table>
      {delta.log.length > 0 && (
        <>
          <h3>Kernel log</h3>
          <ul className={styles["log"]}>
            {delta.log.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Checks({ scenario, step }: { readonly scenario: Scenario; readonly step: Step }) {
  const played = useApp((state) => state.played);
  const checks = (step.checks ?? []).flatMap((id) => {
    const check = scenario.checks.find((one) => one.id === id);
    return check ? [{ check, played: played.get(id) }] : [];
  });
  if (checks.length === 0) return null;
  return (
    <section className={styles["section"]} aria-labelledby="step-checks">
      <h3 id="step-checks">Checks</h3>
      <ul className={styles["checks"]}>
        {checks.map((row) => (
          <CheckRow key={row.check.id} {...row} />
        ))}
      </ul>
    </section>
  );
}

function CheckRow({
  check,
  played,
}: {
  readonly check: DeclaredCheck;
  readonly played: PlayedCheck | undefined;
}) {
  if (!played) return null;
  const { mark, words } = judgeDeclared(played.finding, check.declared);
  return (
    <li>
      <button
        type="button"
        className={styles["check"]}
        onClick={() => {
          actions.select({ kind: "check", id: check.id });
          actions.showFoot("checks");
        }}
      >
        <CheckMark mark={mark} />
        <span>
          <strong>{check.because ?? check.check}</strong>
          <span className={styles["outcome"]}>
            {words}. {played.finding.summary}
          </span>
        </span>
      </button>
    </li>
  );
}

const TYPE_WORDS: Readonly<Record<Source["type"], string>> = {
  mail: "Mail",
  commit: "Commit",
  "kernel source": "Kernel source",
  specification: "Specification",
  measured: "Measured",
  reading: "Reading",
  memory: "Memory",
};

function Sources({ sources }: { readonly sources: readonly Source[] }) {
  return (
    <section className={styles["section"]} aria-labelledby="sources">
      <h3 id="sources">Sources</h3>
      <ul className={styles["list"]}>
        {sources.map((source) => (
          <li key={`${source.type} ${source.where}`}>
            {TYPE_WORDS[source.type]}: <code>{source.where}</code>
            {source.says && <span className={styles["outcome"]}>{source.says}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function AllSteps({
  places,
  shown,
}: {
  readonly places: readonly StepPlace[];
  readonly shown: string;
}) {
  return (
    <section className={styles["section"]} aria-labelledby="all-steps">
      <h3 id="all-steps">All steps</h3>
      <ol className={styles["steps"]}>
        {places.map(({ step }) => (
          <li key={step.id}>
            <button
              type="button"
              aria-current={step.id === shown ? "step" : undefined}
              onClick={() => actions.showStep(step.id)}
            >
              {step.title}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
