// Opens a machine: the worker reads the files, then the session is made around what it hands over.
import { describeProblem, ok, problem, type Result } from "../../base/result.ts";
import { Store } from "../../hardware/memory/store.ts";
import type { ProfileName } from "../../hardware/vtd/types.ts";
import type { Sample } from "../../interchange/samples.ts";
import { Session } from "../../session/session.ts";
import type { MachineInfo, SessionPort } from "../../session/types.ts";
import { actions, appStore } from "../store.ts";
import { likelyProfile } from "./likely-profile.ts";
import { takeOrder } from "./order.ts";
import type { NamedBlob, OpenOrder, OpenReply } from "./protocol.ts";

type Opened = Extract<OpenReply, { kind: "done" }>;

/** Reads the files of `order` in the worker; null when a newer order came. */
function read(order: OpenOrder): Promise<Result<Opened> | null> {
  const current = takeOrder();
  const worker = new Worker(new URL("./open.worker.ts", import.meta.url), { type: "module" });
  actions.setOpening({ what: order.tables.name, read: 0 });
  // The main screen comes while the files are read.
  void import("../Workspace.tsx");
  return new Promise<Result<Opened> | null>((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<OpenReply>) => {
      if (!current()) resolve(null);
      else if (data.kind === "progress") actions.setOpening({ what: data.what, read: data.read });
      else resolve(data.kind === "done" ? ok(data) : { ok: false, problem: data.problem });
    });
    worker.addEventListener("error", () =>
      resolve(
        problem(
          order.tables.name,
          "",
          "reading stopped: the worker of the page could not be loaded or ran out of memory",
        ),
      ),
    );
    worker.postMessage(order);
  }).finally(() => {
    worker.terminate();
    if (current()) actions.setOpening(null);
  });
}

/** Opens files of the reader's own. False, with `trouble` set, when that failed. */
export async function openOwn(tables: File, registers: File): Promise<boolean> {
  const result = await read({ tables: named(tables), registers: named(registers), haw: null });
  if (!result) return false;
  if (!result.ok) {
    actions.report(describeProblem(result.problem));
    return false;
  }
  const opened = result.value;
  const { awaited } = appStore.getState();
  const session = await build(opened, likelyProfile(opened.listing), {
    origin: {
      kind: "own",
      tables: tables.name,
      registers: registers.name,
      digest: opened.digest,
    },
    title: tables.name,
    provenance: "",
    haw: opened.haw,
    names: new Map(),
  });
  if (!session) return false;
  if (awaited && awaited.digest !== opened.digest) {
    actions.show(session, []);
    actions.report(
      `These files have the digest ${opened.digest}; the link was made for ${awaited.digest}. They are open without the rest of the link.`,
    );
    return true;
  }
  actions.show(session, []);
  return true;
}

/** Opens a sample that ships with the page. */
export async function openSample(sample: Sample): Promise<boolean> {
  const files = await fetchFiles(sample);
  if (!files.ok) {
    actions.report(describeProblem(files.problem));
    return false;
  }
  const result = await read({ ...files.value, haw: sample.haw });
  if (!result) return false;
  if (!result.ok) {
    actions.report(describeProblem(result.problem));
    return false;
  }
  const session = await build(result.value, sample.profile, {
    origin: { kind: "sample", id: sample.id },
    title: sample.title,
    provenance: sample.provenance,
    haw: sample.haw,
    names: sample.names,
  });
  if (!session) return false;
  actions.show(session, sample.requests);
  return true;
}

/** Lets the page draw and answer before the next piece of work. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** A session around what was read, with its tables surveyed; null, with `trouble` set, when there can be none. */
async function build(
  opened: Opened,
  profile: ProfileName,
  info: MachineInfo,
): Promise<SessionPort | null> {
  const session = Session.open({
    store: Store.fromParts(opened.parts),
    registers: opened.listing.words,
    profile,
    info,
  });
  if (!session.ok) {
    actions.report(describeProblem(session.problem));
    return null;
  }
  await breathe();
  // The session keeps the survey for everybody who asks later.
  session.value.survey();
  await breathe();
  return session.value;
}

const named = (file: File): NamedBlob => ({ name: file.name, blob: file });

/** Samples lie beside the page, wherever that is served from. */
export const sampleUrl = (name: string): URL => new URL(`samples/${name}`, document.baseURI);

async function fetchFiles(
  sample: Sample,
): Promise<Result<{ tables: NamedBlob; registers: NamedBlob }>> {
  const get = async (name: string): Promise<NamedBlob> => {
    const response = await fetch(sampleUrl(name));
    if (!response.ok) throw new Error(`${name}: the server answers ${response.status}`);
    return { name, blob: await response.blob() };
  };
  try {
    const [tables, registers] = await Promise.all([get(sample.tables), get(sample.registers)]);
    return ok({ tables, registers });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem(sample.title, "", `the sample could not be fetched: ${reason}`);
  }
}
