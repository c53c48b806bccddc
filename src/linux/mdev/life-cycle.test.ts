// The order of an mdev's stages, and the rows of creation, removal and unregistration over a real driver core.
import { describe, expect, it } from "vitest";
import { fakeKernel } from "../../testing/fake-kernel.ts";
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import "../parents/modules.ts";
import "../vfio/modules.ts";
import { judge, type MdevStage, mayFollow, NEXT_STAGES } from "./life-cycle.ts";

const TYPES = "/sys/class/mdev_bus/mtty/mdev_supported_types";
const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1007";
const OTHER = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1008";
const REMOVE = `/sys/bus/mdev/devices/${UUID}/remove`;

const start = (modules = ["mtty", "vfio_mdev"]) => fakeKernel([], { modules });

describe("the stages of an mdev", () => {
  it("lead from none to none by every way", () => {
    const stages = Object.keys(NEXT_STAGES) as MdevStage[];
    for (const stage of stages) {
      const seen = new Set<MdevStage>([stage]);
      for (const reached of seen) for (const next of NEXT_STAGES[reached]) seen.add(next);
      expect(seen.has("none"), stage).toBe(true);
      expect(mayFollow(stage, stage)).toBe(true);
    }
    expect(mayFollow("deleted", "active")).toBe(false);
  });

  const good = { stage: "active", active: true, added: true, parent: true } as const;
  for (const [what, after, words] of [
    ["an order that cannot be", { ...good, stage: "reserved", active: false }, "does not follow"],
    ["an active mdev off its bus", { ...good, added: false }, "not on its bus"],
    ["an mdev without its parent", { ...good, parent: false }, "parent was freed"],
  ] as const) {
    it(`are judged: ${what}`, () => expect(judge(good, after)).toContain(words));
  }

  it("are judged: active too early", () =>
    expect(
      judge({ ...good, stage: "created", active: false }, { ...good, stage: "added" }),
    ).toContain("active while added"));
});

describe("writing to create", () => {
  const rows: readonly (readonly [string, string, number])[] = [
    ["a UUID", UUID, 37],
    ["too few characters", UUID.slice(1), -ERRNO.EINVAL],
    ["too many characters", `${UUID}0`, -ERRNO.EINVAL],
    ["what is no UUID", UUID.replace("8", "x"), -ERRNO.EINVAL],
  ];
  for (const [what, text, result] of rows) {
    it(`gives ${result} for ${what}`, () => {
      const host = start();
      expect(host.echo("root", `${TYPES}/mtty-1/create`, text)).toBe(result);
    });
  }

  it("gives EEXIST for a UUID that is in use, on any type", () => {
    const host = start();
    host.echo("root", `${TYPES}/mtty-1/create`, UUID);
    expect(host.echo("root", `${TYPES}/mtty-2/create`, UUID.toUpperCase())).toBe(-ERRNO.EEXIST);
    expect(host.cat("root", `${TYPES}/mtty-1/available_instances`)).toBe("23\n");
  });

  it("links the mdev, its type, its bus and its group", () => {
    const host = start();
    host.echo("root", `${TYPES}/mtty-1/create`, UUID);
    const at = `/sys/bus/mdev/devices/${UUID}`;
    expect(host.call("root", { call: "readlink", path: `${at}/mdev_type` })?.value).toBe(
      "../mdev_supported_types/mtty-1",
    );
    expect(host.call("root", { call: "readlink", path: at })?.value).toBe(
      `../../../devices/virtual/mtty/mtty/${UUID}`,
    );
    const [mdev] = Object.values(host.k.state.mdev.devices);
    expect(mdev).toMatchObject({ active: true, stage: "active", iommuDevice: 0 });
    expect(host.k.state.core.devices[mdev?.device ?? 0]?.driver).toBe("vfio_mdev");
  });

  it("leaves nothing behind wherever an allocation fails", () => {
    const host = start();
    const before = snapshot(host);
    let failures = 0;
    for (let ordinal = 1; ordinal < 40; ordinal++) {
      host.failing("allocation", [ordinal]);
      const result = host.echo("root", `${TYPES}/mtty-1/create`, UUID) ?? 0;
      host.failing("allocation", []);
      if (result < 0) {
        failures++;
        expect(result).toBe(-ERRNO.ENOMEM);
      } else host.echo("root", REMOVE, "1");
      expect(snapshot(host), `allocation ${ordinal}`).toEqual(before);
    }
    expect(failures).toBeGreaterThan(5);
  });
});

describe("writing to remove", () => {
  for (const [text, result, left] of [
    ["1", 2, 0],
    ["0", 2, 1],
    ["no", -ERRNO.EINVAL, 1],
  ] as const) {
    it(`gives ${result} for ${text}, and ${left} mdevs stay`, () => {
      const host = start();
      host.echo("root", `${TYPES}/mtty-1/create`, UUID);
      expect(host.echo("root", REMOVE, text)).toBe(result);
      expect(Object.keys(host.k.state.mdev.devices)).toHaveLength(left);
    });
  }

  it("gives ENODEV for what is gone, EAGAIN for what another one removes", () => {
    const host = start();
    host.echo("root", `${TYPES}/mtty-1/create`, UUID);
    const [mdev] = Object.values(host.k.state.mdev.devices);
    if (!mdev) throw new Error("no mdev");
    mdev.active = false;
    const remove = (): Sleep<number> => invokeSleeping(host.k, "mdev_device_remove", mdev.device);
    expect(host.run(remove())).toBe(-ERRNO.EAGAIN);
    mdev.active = true;
    expect(host.run(remove())).toBe(0);
    expect(host.run(remove())).toBe(-ERRNO.ENODEV);
  });
});

describe("a parent", () => {
  it("is refused twice, without operations, and without a device", () => {
    const { k, run } = start();
    const parent = Object.values(k.state.mdev.parents)[0];
    const register = (device: number, operations: string) =>
      run(invokeSleeping(k, "mdev_register_device", device, operations));
    expect(register(parent?.device ?? 0, parent?.operations ?? "")).toBe(-ERRNO.EEXIST);
    expect(register(parent?.device ?? 0, "no such")).toBe(-ERRNO.EINVAL);
    expect(register(0, parent?.operations ?? "")).toBe(-ERRNO.EINVAL);
  });

  it("takes its mdevs along, and its types, when it goes", () => {
    const host = start();
    host.echo("root", `${TYPES}/mtty-1/create`, UUID);
    host.echo("root", `${TYPES}/mtty-2/create`, OTHER);
    const parent = Object.values(host.k.state.mdev.parents)[0];
    host.run(invokeSleeping(host.k, "mdev_unregister_device", parent?.device ?? 0));
    const { parents, types, devices } = host.k.state.mdev;
    expect([parents, types, devices].map((table) => Object.keys(table).length)).toEqual([0, 0, 0]);
    expect(Object.keys(host.k.state.core.nodes).filter((path) => path.includes(UUID))).toEqual([]);
  });
});

/** Everything that a failed create could have left. */
function snapshot({ k }: ReturnType<typeof start>): unknown {
  const { core, mdev, vfio, iommu, locks } = k.state;
  return JSON.parse(
    JSON.stringify({
      nodes: Object.keys(core.nodes).sort(),
      devices: core.devices,
      modules: core.modules,
      mdev,
      groups: vfio.groups,
      vfio: vfio.devices,
      iommuGroups: Object.keys(iommu.groups),
      locks,
    }),
  );
}
