// The samples that ship with the page, fetched once.
import { describeProblem, problem, type Result } from "../../base/result.ts";
import { readSamples, type Sample } from "../../interchange/samples.ts";
import { actions } from "../store.ts";

let list: Promise<Result<readonly Sample[]>> | null = null;

/** The list, or why it cannot be had; a failure is tried anew the next time. */
export function loadSamples(): Promise<Result<readonly Sample[]>> {
  list ??= fetchList().then((result) => {
    if (!result.ok) list = null;
    return result;
  });
  return list;
}

async function fetchList(): Promise<Result<readonly Sample[]>> {
  try {
    const response = await fetch(new URL("samples/index.json", document.baseURI));
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return readSamples("samples", await response.text());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem("samples", "", `the list could not be fetched: ${reason}`);
  }
}

/** Opens the sample of a link. False, with `trouble` set, when there is none or it cannot be read. */
export async function openSampleById(id: string): Promise<boolean> {
  const samples = await loadSamples();
  if (!samples.ok) {
    actions.report(describeProblem(samples.problem));
    return false;
  }
  const sample = samples.value.find((candidate) => candidate.id === id);
  if (!sample) {
    actions.report(`The link is to a sample "${id}", which this page does not have.`);
    return false;
  }
  const { openSample } = await import("./opening.ts");
  return openSample(sample);
}
