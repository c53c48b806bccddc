// A machine of a scenario's own: memory, remapping unit, PCI functions, firmware ranges, and the kernel that boots on it.
import * as v from "valibot";
import { hexText, list, pageText, pciText, text, whole } from "./scenario-parts.ts";

const bit = v.picklist(["SV", "TB", "RR", "CR", "UF", "EC", "DT"]);

const functionForm = v.strictObject({
  name: text(60),
  address: pciText,
  kind: v.picklist([
    "host bridge",
    "root complex integrated endpoint",
    "root port",
    "upstream port",
    "downstream port",
    "endpoint",
    "PCIe to PCI bridge",
    "PCI to PCI bridge",
    "conventional",
  ]),
  vendor: whole(0, 0xffff),
  device: whole(0, 0xffff),
  class: whole(0, 0xff_ffff),
  secondary: v.exactOptional(whole(1, 255)),
  subordinate: v.exactOptional(whole(1, 255)),
  acs: v.exactOptional(list(bit, 7)),
  pasidBits: v.exactOptional(whole(1, 20)),
  ats: v.exactOptional(v.boolean()),
  pri: v.exactOptional(v.boolean()),
  scalableIov: v.exactOptional(v.boolean()),
  model: v.exactOptional(v.literal("accelerator")),
  queues: v.exactOptional(whole(1, 64)),
});

const cacheSize = v.pipe(whole(0, 4096), v.multipleOf(4, "expected a multiple of 4"));

const platformForm = v.strictObject({
  title: text(120),
  haw: whole(32, 52),
  unit: v.strictObject({
    version: hexText(8),
    cap: hexText(),
    ecap: hexText(),
    caches: v.exactOptional(
      v.strictObject({
        context: v.exactOptional(cacheSize),
        pasid: v.exactOptional(cacheSize),
        iotlb: v.exactOptional(cacheSize),
        paging: v.exactOptional(cacheSize),
      }),
    ),
  }),
  memory: list(v.strictObject({ start: pageText(), length: pageText(40) }), 16),
  functions: list(functionForm, 64),
  reserved: v.exactOptional(
    list(v.strictObject({ devices: list(pciText, 64), start: pageText(), end: hexText(52) }), 16),
  ),
});

/** Names that pages have when no process owns them. */
const TAKEN = ["kernel", "tables", "free"];

const processForm = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9-]{0,30}$/, "expected a name in lower case, with hyphens"),
    v.check((given: string) => !TAKEN.includes(given), "this name stands for pages of no process"),
  ),
  privileged: v.exactOptional(v.boolean()),
  memoryLock: v.exactOptional(whole(0, 2 ** 32)),
});

export const machineForm = v.strictObject({
  platform: platformForm,
  commandLine: v.pipe(v.string(), v.maxLength(500, "expected at most 500 characters")),
  modules: list(text(60), 32),
  processes: list(processForm, 16),
});
