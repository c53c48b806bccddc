import { describe, expect, test } from "vitest";
import { iova, pasid, requesterId } from "../base/brand.ts";
import { acknowledgeFaults } from "./acknowledge.ts";
import { exampleMachine } from "./example-machines.ts";
import { Session } from "./session.ts";
import type { Operation } from "./types.ts";

const refused: Operation = {
  op: "dma",
  requester: requesterId(0x6a08),
  pasid: pasid(0x43),
  access: "read",
  address: iova(0x2000_1000n),
  length: 4,
};
const other: Operation = { ...refused, requester: requesterId(0x100), pasid: null };

function open(): Session {
  const opened = Session.open({ ...exampleMachine(), profile: "qemu" });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

const ends = (session: Session, operation: Operation) => {
  const moment = session.run(operation);
  return (moment.ok ? moment.value.events : []).flatMap(({ kind }) =>
    kind === "record" || kind === "no record" ? [kind] : [],
  );
};

describe("acknowledging faults", () => {
  test("has nothing to do where none is pending", () => {
    expect(acknowledgeFaults(open())).toBeNull();
  });

  test("makes room for the record of the next fault, as one operation", () => {
    const session = open();
    for (let n = 0; n < session.capabilities.nfr; n++) {
      const requester = requesterId(0x200 + n);
      expect(ends(session, { ...other, requester })).toEqual(["record"]);
    }
    expect(ends(session, refused)).toEqual(["no record"]);
    const operations = session.operations.length;
    const acknowledge = acknowledgeFaults(session);
    expect(acknowledge && session.run(acknowledge).ok).toBe(true);
    expect(session.operations).toHaveLength(operations + 1);
    expect(session.readRegister(0x34, 4) & 3n).toBe(0n);
    expect(acknowledgeFaults(session)).toBeNull();
    expect(ends(session, refused)).toEqual(["record"]);
  });

  test("goes back in one step", () => {
    const session = open();
    ends(session, refused);
    const before = session.digest();
    const acknowledge = acknowledgeFaults(session);
    if (acknowledge) session.run(acknowledge);
    expect(session.digest()).not.toBe(before);
    session.undo();
    expect(session.digest()).toBe(before);
  });
});
