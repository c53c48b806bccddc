// What a reader does, on a real machine: every change of the store that views depend on.
import { beforeEach, describe, expect, it } from "vitest";
import { createStore, type StoreApi } from "zustand/vanilla";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { exampleMachine } from "../session/example-machines.ts";
import { Session } from "../session/session.ts";
import { initialState } from "./initial-state.ts";
import { createActions } from "./session-actions.ts";
import type { AppActions, AppState } from "./state.ts";

const REQUEST = {
  requester: requesterId(0x6a08),
  pasid: pasid(0x41),
  address: iova(0x1_4a3c_5d48n),
  access: "write",
} as const;
/** The level-1 entry of that address. */
const LEAF = hpa(0x1_1000_3e28n);

let store: StoreApi<AppState>;
let actions: AppActions;
const state = () => store.getState();

beforeEach(() => {
  store = createStore(() =>
    initialState({ theme: "system", speed: 1, closed: [], tall: false }, false),
  );
  actions = createActions(store);
  const session = Session.open({ ...exampleMachine(), profile: "spec" });
  if (!session.ok) throw new Error(session.problem.message);
  actions.show(session.value, []);
});

describe("actions", () => {
  it("begin with a request that the tables map", () => {
    const { requester, access } = state().view.draft;
    expect([requester, access]).toEqual(["6a:01.0", "write"]);
    actions.sendDraft();
    expect(state().session?.moments.at(-1)?.outcome?.kind).toBe("translated");
  });

  it("acknowledge the recorded faults as one operation, or say that none is pending", async () => {
    actions.acknowledge();
    await expect.poll(() => state().said).toBe("No fault is pending.");
    actions.send({ ...REQUEST, pasid: pasid(0x43) });
    expect(state().session?.moments.at(-1)?.outcome?.kind).toBe("fault");
    actions.acknowledge();
    await expect.poll(() => state().said).toBe("The recorded faults are acknowledged.");
    expect(state().session?.operations.map(({ op }) => op)).toEqual(["dma", "register write"]);
    actions.undo();
    expect(state().said).toBe("Undone: the writes to 2 registers.");
  });

  it("say when a stream starts and stops, and what came of it", () => {
    actions.startStream(30);
    expect(state().said).toBe("The stream is running, 30 requests per second.");
    state().session?.run({ op: "dma", ...REQUEST, length: 4, repeat: 12 });
    actions.stopStream();
    expect(state()).toMatchObject({ stream: null });
    expect(state().said).toMatch(/^The stream has stopped after 12 requests. The last: Write by/);
  });

  it("send a request in one change: its moment is shown from the last hop, and said", () => {
    const seen: AppState[] = [];
    store.subscribe((now) => seen.push(now));
    actions.showHop(2);
    const moment = actions.send(REQUEST);
    expect(moment?.outcome?.pieces[0]?.target).toBe(0x2_245d_9d48n);
    expect(seen.length).toBe(2);
    expect(state()).toMatchObject({ at: 0, revision: 2, side: "walk", trouble: null });
    expect(state().view.hop).toBeNull();
    expect(state().said).toBe(
      "Write by accelerator (6a:01.0), PASID 0x041, reached 0x2_245d_9d48 after 8 reads.",
    );
  });

  it("show a stale hit after an edit alone, and none after the invalidation", async () => {
    actions.send(REQUEST);
    actions.edit([{ address: LEAF, value: 0n }], false);
    expect(state().session?.stale().length).toBeGreaterThan(0);
    actions.send(REQUEST);
    expect(state().session?.moments.at(-1)?.outcome?.ok).toBe(true);
    expect(state().said).toMatch(/through the IOTLB/);
    actions.invalidate("everything");
    await expect.poll(() => state().session?.operations.at(-1)?.op).toBe("invalidate");
    expect(state().session?.stale()).toEqual([]);
    actions.send(REQUEST);
    expect(state().said).toMatch(/was refused with fault 0x/);
  });

  it("edit with the invalidation that makes it safe", async () => {
    actions.send(REQUEST);
    actions.edit([{ address: LEAF, value: 0n }], true);
    await expect.poll(() => state().session?.operations.length).toBe(3);
    expect(state().session?.stale()).toEqual([]);
  });

  it("store several words as one step that undo takes back", () => {
    const before = state().session?.digest();
    actions.edit(
      [
        { address: LEAF, value: 0n },
        { address: hpa(LEAF + 8n), value: 5n },
      ],
      false,
    );
    expect(state().session?.memory.readWord(hpa(LEAF + 8n))).toBe(5n);
    expect(state().said).toMatch(/^2 words from 0x\S+ on are stored/);
    actions.undo();
    expect(state().session?.digest()).toBe(before);
    actions.edit(
      [
        { address: LEAF, value: 0n },
        { address: hpa(0xdead_0000n), value: 5n },
      ],
      false,
    );
    expect(state().trouble).toMatch(/no memory/);
    expect(state().session?.digest()).toBe(before);
  });

  it("go back and forth, and know how far forth", () => {
    actions.send(REQUEST);
    actions.edit([{ address: LEAF, value: 0n }], false);
    actions.undo();
    expect(state()).toMatchObject({ undone: 1, at: 0 });
    actions.undo();
    expect(state()).toMatchObject({ undone: 2, at: null });
    actions.undo();
    expect(state().undone).toBe(2);
    actions.redo();
    expect(state()).toMatchObject({ undone: 1, at: 0 });
    actions.send(REQUEST);
    expect(state().undone).toBe(0);
  });

  it("refuse in words and leave the machine as it was", () => {
    const before = state().session?.digest();
    actions.edit([{ address: hpa(0xdead_0000n), value: 1n }], false);
    expect(state().trouble).not.toBeNull();
    expect(state().said).toBe(state().trouble);
    expect(state().session?.digest()).toBe(before);
    actions.setDraft({ address: "nowhere" });
    actions.sendDraft();
    expect(state().trouble).toMatch(/hexadecimal address/);
    actions.send(REQUEST);
    expect(state().trouble).toBeNull();
  });

  it("run everything anew under the other profile", () => {
    actions.send(REQUEST);
    const { revision } = state();
    actions.setProfile("spec");
    expect(state().revision).toBe(revision);
    actions.setProfile("qemu");
    expect(state().revision).toBe(revision + 1);
    expect(state().session?.profile).toBe("qemu");
    expect(state().session?.moments.length).toBe(1);
  });

  it("close the machine and keep the reader's preferences", () => {
    actions.setPreference({ speed: 4 });
    actions.send(REQUEST);
    actions.close();
    expect(state()).toMatchObject({ session: null, at: null, stream: null });
    expect(state().preferences.speed).toBe(4);
  });
});
