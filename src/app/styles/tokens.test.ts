// Recomputes the visual design's contrast and colour-distance tables from the tokens themselves.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

type Tokens = ReadonlyMap<string, string>;

/** The declarations of each rule, by its media query and selector. */
function rules(): Map<string, Tokens> {
  const found = new Map<string, Tokens>();
  let media = "";
  for (const line of css.replace(/\/\*.*?\*\//gs, "").split(/(?<=[{};])/)) {
    const text = line.trim().replace(/\s+/g, " ");
    if (text.startsWith("@media")) media = text.slice(7, -1).trim();
    else if (text.endsWith("{"))
      found.set(`${media} ${text.slice(0, -1).trim()}`.trim(), new Map());
    else if (text === "}" && line.startsWith("\n}")) media = "";
    const declaration = /^(--[\w-]+): (.*);$/.exec(text);
    const last = [...found.values()].at(-1) as Map<string, string> | undefined;
    if (declaration?.[1] && declaration[2]) last?.set(declaration[1].slice(2), declaration[2]);
  }
  return found;
}

const all = rules();
const light = all.get(':root, :root[data-theme="light"]') ?? new Map();
const dark = all.get(':root[data-theme="dark"]') ?? new Map();
const contrast = all.get(':root[data-theme="contrast"]') ?? new Map();

const color = (theme: Tokens, name: string): readonly number[] => {
  const value = theme.get(name) ?? "";
  if (!/^#[0-9a-f]{6}$/.test(value)) throw new Error(`--${name} is "${value}"`);
  return [1, 3, 5].map((at) => Number.parseInt(value.slice(at, at + 2), 16) / 255);
};

const linear = (channel: number) =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

function ratio(theme: Tokens, one: string, other: string): number {
  const luminance = (name: string) => {
    const [r = 0, g = 0, b = 0] = color(theme, name).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

// Machado, Oliveira and Fernandes 2009, full severity, on linear light.
const VISION = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const;

const times = (matrix: readonly (readonly number[])[], v: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * (v[at] ?? 0), 0));

/** OKLab of a linear colour. */
function oklab(rgb: readonly number[]): readonly number[] {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const OWNERS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `owner-${number}`);
const TINTS = [
  "bus",
  "devfn",
  "directory",
  "pasid",
  "level-4",
  "level-3",
  "level-2",
  "level-1",
  "offset",
];

function distance(theme: Tokens, vision: keyof typeof VISION, one: string, other: string): number {
  const [a = [], b = []] = [one, other].map((name) =>
    oklab(times(VISION[vision], color(theme, name).map(linear)).map(clamp)),
  );
  return 100 * Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

describe("tokens", () => {
  it("are the same whether a theme is chosen or the system asks for it", () => {
    expect(light.size).toBeGreaterThan(40);
    expect(all.get("(prefers-color-scheme: dark) :root:not([data-theme])")).toEqual(dark);
    expect(all.get("(prefers-contrast: more) :root:not([data-theme])")).toEqual(contrast);
    const names = [...light.keys()].sort();
    expect([...dark.keys()].sort()).toEqual(names);
    expect([...contrast.keys()].sort()).toEqual(names);
    expect(
      [...(all.get("(forced-colors: active) :root, :root[data-theme]") ?? new Map()).keys()].sort(),
    ).toEqual(names);
  });

  it.each([
    ["light", light],
    ["dark", dark],
    ["high contrast", contrast],
  ])("text and graphics stand out in %s", (_, theme) => {
    for (const behind of ["canvas", "surface", "selected"]) {
      for (const text of ["ink", "ink-2", "ink-3", "fault", "neutral"]) {
        expect(ratio(theme, text, behind), `${text} on ${behind}`).toBeGreaterThanOrEqual(4.5);
      }
      for (const graphic of ["line-2", "ok", "kernel", "table"]) {
        expect(ratio(theme, graphic, behind), `${graphic} on ${behind}`).toBeGreaterThanOrEqual(
          2.95,
        );
      }
    }
    expect(ratio(theme, "fault", "fault-bg")).toBeGreaterThanOrEqual(4.5);
    for (const owner of OWNERS) {
      expect(ratio(theme, owner, "canvas"), owner).toBeGreaterThanOrEqual(3);
      expect(ratio(theme, owner, "surface"), owner).toBeGreaterThanOrEqual(3);
      expect(ratio(theme, `on-${owner}`, owner), `on ${owner}`).toBeGreaterThanOrEqual(4.5);
    }
    for (const tint of TINTS) {
      expect(ratio(theme, "ink", `tint-${tint}`), tint).toBeGreaterThanOrEqual(8.9);
      expect(ratio(theme, "ink-2", `tint-${tint}`), tint).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each([
    ["light", light, 9, 6],
    ["dark", dark, 9, 6],
    ["high contrast", contrast, 8, 6],
  ])("owners differ for every eye in %s", (_, theme, floor, faultFloor) => {
    for (const vision of Object.keys(VISION) as (keyof typeof VISION)[]) {
      OWNERS.forEach((one, at) => {
        for (const other of OWNERS.slice(at + 1)) {
          expect(
            distance(theme, vision, one, other),
            `${one}, ${other}, ${vision}`,
          ).toBeGreaterThan(floor);
        }
        expect(distance(theme, vision, one, "fault"), `${one}, fault, ${vision}`).toBeGreaterThan(
          faultFloor,
        );
      });
    }
  });
});
