// Lines that nobody should type, on a running kernel: each gets an answer, and one that does not act changes nothing.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ok } from "../base/result.ts";
import { SERVER } from "../session/presets/server.ts";
import { Session } from "../session/session.ts";
import { DAMAGED, damagedText, expectAnswer } from "../testing/mutations.ts";
import { complete } from "./console-complete.ts";
import { parseCommandLine } from "./console-parse.ts";
import { type Command, runCommandLine } from "./console-run.ts";

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
const TYPE = "/sys/class/mdev_bus/0000:6a:01.0/mdev_supported_types/idxd-1dwq-v1";

function kernelWithAnMdev(): Session {
  const opened = Session.openWorld({ machine: SERVER, design: "D1", seed: 1 });
  if (!opened.ok) throw new Error(opened.problem.message);
  const session = opened.value;
  const [parent, type] = ["0000:6a:01.0", "idxd-1dwq-v1"];
  for (const demand of [
    { want: "load module", module: "idxd" } as const,
    { want: "create mdev", parent, type, uuid: UUID } as const,
  ]) {
    const done = session.run({ op: "demand", actor: "root", demand });
    if (!done.ok) throw new Error(done.problem.message);
  }
  return session;
}

/** Lines of people, to be damaged. */
const LINES = [
  "ls -l /sys/kernel/iommu_groups",
  `cat ${TYPE}/available_instances`,
  `echo "${UUID}" > ${TYPE}/create`,
  `echo 1 > ${TYPE}/devices/${UUID}/remove`,
  "cat /sys/kernel/debug/iommu/intel/dmar_translation_struct",
  "echo 0000:6a:01.0 > /sys/bus/pci/drivers/idxd/unbind",
  "modprobe -r idxd",
  "modprobe mtty a=1",
  "insmod /lib/mdev.ko",
  "rmmod vfio-pci",
  "cd ../../sys/class",
  "readlink /sys/class/mdev_bus/0000:6a:01.0",
  "dmesg",
  "echo -n x > /dev/vfio/vfio",
];

/** Paths and texts that break programs. */
const PIECES = [
  "/sys",
  "..",
  "../".repeat(200),
  "/".repeat(2000),
  "constructor",
  "__proto__",
  "toString",
  "<script>document.title=1</script>",
  "javascript:alert(1)",
  "$(id)",
  "'",
  '"',
  "\\",
  ">",
  ">>",
  "-l",
  "-".repeat(300),
  "\u202e",
  "\ud800",
  "0".repeat(4000),
  "x".repeat(5000),
  "%s%n",
];
const NAMES = ["ls", "cat", "cd", "echo", "readlink", "modprobe", "insmod", "rmmod", "lsmod"];

const lines = fc.oneof(
  fc.constantFrom(...LINES).chain(damagedText),
  fc
    .tuple(fc.constantFrom(...NAMES), fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }))
    .map(([name, pieces]) => [name, ...pieces].join(" ")),
  fc.constantFrom(...LINES),
  fc.string({ unit: "binary", maxLength: 300 }),
);

describe(`${DAMAGED} lines`, () => {
  it("each get an answer; one that does not act leaves the session as it was", async () => {
    let session = kernelWithAnMdev();
    let cwd = "/sys";
    let serial = 0;
    const seen = { refused: 0, printed: 0, acted: 0 };
    await fc.assert(
      fc.asyncProperty(lines, async (text) => {
        // A machine that was much written to is put away, so that every line meets a living one.
        if (session.operations.length > 60) {
          session = kernelWithAnMdev();
          cwd = "/sys";
        }
        const { world } = session;
        if (!world) throw new Error("there is no kernel");
        const before = [session.digest(), session.operations.length];
        let command: Command | null = null;
        await expectAnswer(() => {
          complete(text, { cwd }, world.kernel);
          const parsed = parseCommandLine(text);
          if (!parsed.ok) {
            expect(parsed.error).toMatch(/^sh: .{5,200}$/u);
            return ok(null);
          }
          command = runCommandLine(parsed.line, { cwd }, world, ++serial);
          return ok(null);
        });
        expect([session.digest(), session.operations.length]).toEqual(before);
        const asked = command as Command | null;
        if (asked === null) {
          seen.refused++;
          return;
        }
        if (asked.kind === "go") cwd = asked.cwd;
        if (asked.kind === "print") {
          seen.printed++;
          expect(asked.lines.length).toBeLessThanOrEqual(1001);
        }
        if (asked.kind !== "run") return;
        seen.acted++;
        for (const [at, operation] of asked.operations.entries()) {
          const done = await expectAnswer(() => session.run(operation));
          const answer = done.ok ? done.value.answers?.at(-1) : undefined;
          if (answer && answer.result < 0) {
            expect(asked.failed(answer.result, at)).toMatch(/^(sh|modprobe|insmod|rmmod): /);
          }
        }
      }),
      { numRuns: DAMAGED },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(DAMAGED / 20);
  });
});
