// `npm run check`: the project's own rules, those that neither compiler, formatter, linter nor knip know. Prints what breaks them.
// Layers and packages are one table; imports are found by scanning text, type imports included.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** What each layer may import: layers, packages, and whether Node's own modules. */
const LAYERS = {
  base: { layers: [], packages: [] },
  hardware: { layers: ["base"], packages: [] },
  linux: { layers: ["hardware", "base"], packages: [] },
  session: { layers: ["linux", "hardware", "base"], packages: ["@noble/hashes"] },
  walkthroughs: { layers: ["session", "linux", "hardware", "base"], packages: [] },
  interchange: { layers: ["session", "linux", "hardware", "base"], packages: ["valibot"] },
  scene: { layers: ["session", "linux", "hardware", "base"], packages: ["d3"] },
  app: {
    layers: ["scene", "interchange", "walkthroughs", "session", "linux", "hardware", "base"],
    packages: [
      "d3",
      "react",
      "react-dom",
      "tinykeys",
      "valibot",
      "zustand",
      "@fontsource-variable/inter",
      "@fontsource-variable/jetbrains-mono",
    ],
  },
  cli: {
    layers: ["scene", "interchange", "walkthroughs", "session", "linux", "hardware", "base"],
    packages: [],
    node: true,
  },
};

/** What d3 exports that touches the document, the network or the clock: for `app` only. */
const D3_IMPURE =
  /^(create|creator|local|matcher|namespaces?|pointers?|select|selectAll|selection|selector|selectorAll|style|window|active|interrupt|transition|zoom.*|drag.*|brush.*|now|timer.*|timeout|interval|blob|buffer|dsv|csv|tsv|image|json|text|xml|html|svg|random.*|dispatch)$/;

/** Files that a length limit does not fit, with the reason. TypeScript files of this kind stand in biome.json. */
const LONG_FILES = new Map();
const MAX_LINES = 500;

const SOURCE = /\.(?:ts|tsx|mjs)$/;
const TEXT =
  /\.(?:ts|tsx|mjs|css|html|md|json|c|h|yml|yaml|svg)$|(?:^|\/)(?:run|\.npmrc|\.gitignore)$/;
const SKIPPED = new Set(["node_modules", "dist", ".git", ".cache", "test-results", "coverage"]);

/** The rules themselves and the test that breaks them on purpose. */
const isRules = (file) => file === "scripts/checks.mjs" || file === "src/testing/checks.test.ts";
const isFixture = (file) => /[.-]fixture\.ts$/.test(file) || file.startsWith("src/testing/");
const isTest = (file) => /\.test\.tsx?$/.test(file) || isFixture(file);

/** Every file below `root`, as paths with forward slashes. */
function listFiles(root, folder = "") {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(root, file) : [file];
  });
}

const withoutComments = (text) =>
  text.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");

/** What a file names to be loaded: import and export statements, import(), import types, new URL(..., import.meta.url). */
export function importsOf(text) {
  const code = withoutComments(text);
  const forms = [
    /\b(?:import|export)\b(?<names>[^;"'`()=]*?)\bfrom\s*["'](?<target>[^"']+)["']/g,
    /\bimport\s*["'](?<target>[^"']+)["']/g,
    /\bimport\s*\(\s*["'`](?<target>[^"'`]+)["'`]/g,
    /\bimport\.meta\.glob\s*(?:<[^(]*>)?\(\s*["'`](?<target>[^"'`]+)["'`]/g,
    /\bnew\s+URL\s*\(\s*["'`](?<target>\.[^"'`]+)["'`]\s*,\s*import\.meta\.url/g,
    /\brequire\s*\(\s*["'](?<target>[^"']+)["']/g,
  ];
  return forms.flatMap((form) =>
    [...code.matchAll(form)].map(({ groups }) => ({
      target: groups.target,
      names: groups.names ?? "",
    })),
  );
}

const packageOf = (target) =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

/** Which part of the project a path belongs to: a layer, "testing", "main", or undefined outside src. */
function partOf(file) {
  if (file.startsWith("src/main.")) return "main";
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

function d3Problem(names) {
  if (/\*/.test(names)) return "imports all of d3; name what is used";
  const impure = names
    .replace(/[{}]|\btype\b/g, " ")
    .split(",")
    .map((name) => name.trim().split(/\s+as\s+/)[0])
    .find((name) => D3_IMPURE.test(name));
  return impure === undefined ? undefined : `imports ${impure} of d3, which only app may use`;
}

function importProblem(file, layer, { target, names }) {
  const rule = LAYERS[layer];
  if (target.startsWith(".")) {
    const reached = path.posix.join(path.posix.dirname(file), target);
    const part = isFixture(reached) ? "testing" : partOf(reached);
    if (part === layer || rule.layers.includes(part)) return undefined;
    return `${layer} may import ${["itself", ...rule.layers].join(", ")}, not ${target}`;
  }
  if (target.startsWith("node:")) return rule.node ? undefined : `${layer} may not use ${target}`;
  const name = packageOf(target);
  if (!rule.packages.includes(name)) return `${layer} may not use the package ${name}`;
  return name === "d3" && layer !== "app" ? d3Problem(names) : undefined;
}

function checkLayers(file, text) {
  if (!SOURCE.test(file) || !file.startsWith("src/") || isTest(file)) return [];
  const imports = importsOf(text);
  const layer = partOf(file);
  if (layer === "main") {
    return imports
      .filter(({ target }) => /\/(testing|cli)\/|fixture\.ts$/.test(target))
      .map(({ target }) => `the page may not import ${target}`);
  }
  if (LAYERS[layer] === undefined) return ["lies in no layer; scripts/checks.mjs lists the layers"];
  return imports.map((each) => importProblem(file, layer, each)).filter(Boolean);
}

const countLines = (text) => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

/** Style sheets, scripts and C have the limit that the linter sets for the rest. */
function checkLength(file, text) {
  if (!/\.(?:css|mjs|c|h)$/.test(file) || LONG_FILES.has(file)) return [];
  const lines = countLines(text);
  return lines > MAX_LINES ? [`has ${lines} lines; the limit is ${MAX_LINES}: split it`] : [];
}

function checkOpening(file, text) {
  // What a unit test is about is said by its first describe.
  if (!/^(?:src|e2e|scripts)\/.*(?<!\.test)\.(?:ts|tsx|mjs)$/.test(file)) return [];
  return /^(?:#!.*\n)?\s*(?:\/\/|\/\*)/.test(text)
    ? []
    : ["does not open with a comment that says what the file is"];
}

function checkTests(file, text) {
  if (isRules(file) || (!isTest(file) && !file.startsWith("e2e/"))) return [];
  const found = /\b(?:test|it|describe)(?:\.\w+)*\.(?:todo|fixme|fail|fails|skipIf|runIf)\b/.exec(
    withoutComments(text),
  );
  return found ? [`${found[0]}: every test runs and must pass`] : [];
}

const LEFT_OVERS = [
  [/\b(?:TODO|FIXME|XXX|HACK)\b/, "is a left-over mark"],
  [/\bcoming soon\b|\bnot implemented\b/i, "announces what is not there"],
  [/(?<![\w.])\/(?:work|tmp|root|home|farm|Users)\/[A-Za-z]/, "is a path of one machine"],
  [/\bregistry\.(?:npmjs|yarnpkg|npmmirror)\b|localhost\.localdomain/, "names a registry host"],
];

function checkLeftOvers(file, text) {
  if (isRules(file) || file === "package-lock.json") return [];
  return LEFT_OVERS.map(([pattern, meaning]) => [pattern.exec(text), meaning])
    .filter(([found]) => found)
    .map(([found, meaning]) => `"${found[0]}" ${meaning}`);
}

/** Names of recorded cases by shape: a dotted feature that ends in its mode, with the seed behind it or not. */
const RECORDED_SHAPE =
  /["'`][a-z0-9+-]+(?:\.[a-z0-9+-]+)*\.(?:legacy|legacy39|ss|ss39|ss10|fs|fs10)(?:\.\d+)?["'`]/;

/** Ids and features of the cases that the tests carry. */
function recordedNames(root, files) {
  const names = new Set();
  for (const file of files.filter((each) => /^src\/testing\/.*\.json(?:\.gz)?$/.test(each))) {
    const bytes = readFileSync(path.join(root, file));
    const { cases = [] } = JSON.parse(file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
    for (const { id, scenario, feature } of cases) {
      // A single word, such as "translated", means something else elsewhere.
      for (const name of [id, scenario, feature]) if (/[.-]/.test(name ?? "")) names.add(name);
    }
  }
  return names;
}

function checkRecorded(file, text, names) {
  if (!file.startsWith("src/") || isTest(file)) return [];
  const shaped = RECORDED_SHAPE.exec(text)?.[0];
  const named = /["'`](?<name>[a-z0-9.+-]+)["'`]/g;
  const found = [...text.matchAll(named)].find(({ groups }) => names.has(groups.name))?.[0];
  return shaped || found ? [`${shaped ?? found} is the name of a recorded case`] : [];
}

/** Below the page and the command line the same input must give the same result, always. */
function checkDeterminism(file, text) {
  if (isTest(file) || !/^src\/(?:base|hardware|session|interchange|scene)\//.test(file)) return [];
  const found = /\bMath\.random\b|\bDate\.now\b|\bnew Date\b/.exec(withoutComments(text));
  return found ? [`${found[0]}: no clock and no chance below the page`] : [];
}

/** Commands and files that a document names exist. */
function checkDocument(root, file, text) {
  if (!file.endsWith(".md")) return [];
  const { scripts = {} } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const commands = [...text.matchAll(/\bnpm (?:run (?:-s )?)?(?<name>[a-z][\w:-]*)/g)]
    .map(({ groups }) => groups.name)
    .filter((name) => !(name in scripts) && !["ci", "install", "exec"].includes(name));
  const links = [...text.matchAll(/\]\((?<link>[^)#\s]+)[^)]*\)/g)]
    .map(({ groups }) => groups.link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => !existsSync(path.join(root, path.dirname(file), link)));
  return [
    ...commands.map((name) => `package.json has no script "${name}"`),
    ...links.map((link) => `links to ${link}, which does not exist`),
  ];
}

function checkLock(root) {
  const file = path.join(root, "package-lock.json");
  if (!existsSync(file)) return [];
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  const bad = Object.entries(packages).find(([, entry]) => entry.resolved !== undefined);
  return bad ? [`package-lock.json: ${bad[0]} records where it was fetched from`] : [];
}

/** Everything in the project at `root` that breaks a rule, one sentence each. */
export function check(root) {
  const files = listFiles(root);
  const names = recordedNames(root, files);
  const problems = files
    .filter((file) => TEXT.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), "utf8");
      return [
        ...checkLayers(file, text),
        ...checkLength(file, text),
        ...checkOpening(file, text),
        ...checkTests(file, text),
        ...checkLeftOvers(file, text),
        ...checkRecorded(file, text, names),
        ...checkDeterminism(file, text),
        ...checkDocument(root, file, text),
      ].map((problem) => `${file}: ${problem}`);
    });
  return [...problems, ...checkLock(root)];
}

/** "212 source files: median 94 lines, 5 above 300, longest src/a.ts (412)". */
function describeLengths(root) {
  const lengths = listFiles(root)
    .filter((file) => /^src\/.*\.tsx?$/.test(file))
    .map((file) => [countLines(readFileSync(path.join(root, file), "utf8")), file])
    .sort(([a], [b]) => a - b);
  if (lengths.length === 0) return "no source files";
  const [longest, where] = lengths.at(-1);
  const above = lengths.filter(([lines]) => lines > 300).length;
  const median = lengths[lengths.length >> 1][0];
  return `${lengths.length} source files: median ${median} lines, ${above} above 300, longest ${where} (${longest})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2] ?? path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const problems = check(root);
  for (const problem of problems) console.error(problem);
  console.log(describeLengths(root));
  process.exit(problems.length === 0 ? 0 : 1);
}
