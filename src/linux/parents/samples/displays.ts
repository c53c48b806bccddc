// mdpy and mbochs: virtual displays. Four mdpy instances of any type; 256 MB of video memory shared by all of mbochs.
import { ERRNO } from "../../kernel/errno.ts";
import { defineSample, type SampleType } from "./sample.ts";

/** Displays offer no BAR here: their memory belongs to the picture, not to the life cycle. */
const NO_BARS = {
  barBytes: () => 0,
  readBar: (_mdev: unknown, _bar: number, _start: number, count: number) => new Uint8Array(count),
  writeBar: () => undefined,
};

const screen = (group: string, width: number, height: number): SampleType => ({
  group,
  units: 1,
  name: `mdpy-${group}`,
  description: `virtual display, ${width}x${height} framebuffer`,
});

defineSample({
  name: "mdpy",
  pool: 4,
  short: ERRNO.ENOMEM,
  types: [screen("vga", 640, 480), screen("xga", 1024, 768), screen("hd", 1920, 1080)],
  id: 0x000f_1b36,
  loaded: ["mdpy_dev_init: major 245"],
  unloaded: [],
  created: ({ name, description }) => `mdpy_create: ${name} (${description?.split(" ")[2] ?? ""})`,
  removed: "mdpy_remove",
  ...NO_BARS,
});

const memory = (group: string, megabytes: number): SampleType => ({
  group,
  units: megabytes,
  name: `mbochs-${group}`,
  description: `virtual display, ${megabytes} MB video memory`,
});

defineSample({
  name: "mbochs",
  pool: 256,
  short: ERRNO.ENOMEM,
  types: [memory("small", 4), memory("medium", 16), memory("large", 64)],
  id: 0x1111_1234,
  loaded: ["mbochs_dev_init: major 244"],
  unloaded: [],
  created: ({ name, units }) => `mbochs_create: ${name}, ${units} MB, ${units * 256} pages`,
  ...NO_BARS,
});
