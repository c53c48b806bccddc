// What the command line says when it is called wrongly or cannot read a file: one line and exit code 2.
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CallerFolder, sampleImage } from "../testing/caller-folder.ts";
import { runCli } from "../testing/command.ts";
import { coreFile, numbered } from "../testing/core-files.ts";

// Each test starts processes, and other tests may be running beside it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const caller = new CallerFolder();
const empty = new CallerFolder();
afterAll(() => {
  caller.remove();
  empty.remove();
});

const IMAGE = sampleImage("linux-7.2-first-stage");

describe("usage errors", () => {
  it.each<[string, string[], string]>([
    ["no verb", [], "no verb"],
    ["an unknown verb", ["toString"], 'there is no verb "toString"'],
    ["an unknown option", ["conformance", "--fast", "x"], "conformance: Unknown option '--fast'"],
    ["no file", ["conformance"], "conformance: no file of cases is named"],
    ["nothing to play", ["play", "--json"], "play: no scenario is named"],
    ["no file to check", ["check"], "check: no file is named"],
    ["an id that does not ship", ["play", "no-such-id"], "no shipped scenario has this id"],
    [
      "two traces",
      ["play", "--trace", "a", "--trace", "b", "mdev-errors"],
      "--trace is given 2 times",
    ],
    ["a trace nowhere", ["play", "--trace", "/nowhere/at/all", "mdev-errors"], "cannot be written"],
    ["an unknown profile", ["conformance", "--profile", "amd", "x"], '--profile is "amd"'],
    ["one file too few", ["image", "x"], "image: TABLES and REGISTERS are to be named"],
    ["a width that is none", ["image", ...IMAGE, "--haw", "99"], '--haw is "99"'],
    ["two widths", ["image", ...IMAGE, "--haw", "40", "--haw", "41"], "--haw is given 2 times"],
    [
      "an address that is none",
      ["image", ...IMAGE, "--translate", "00:05.0,-,zero,r"],
      '"zero" is no address',
    ],
    [
      "a requester that is none",
      ["image", ...IMAGE, "--translate", "00:20.0,-,0,r"],
      '"00:20.0" is no PCI address',
    ],
    [
      "a direction that is none",
      ["image", ...IMAGE, "--translate", "00:05.0,-,0,x"],
      '"x" is neither r nor w',
    ],
    [
      "a PASID that is too large",
      ["image", ...IMAGE, "--translate", "00:05.0,0x100000,0,r"],
      '"0x100000" is neither - nor a PASID',
    ],
    [
      "a translation of three parts",
      ["image", ...IMAGE, "--translate", "00:05.0,0,r"],
      "expected BDF,PASID|-,IOVA,r|w",
    ],
  ])("say in one line: %s", async (_, args, message) => {
    const ended = await runCli(args);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("unreadable input", () => {
  const page = coreFile([{ address: 0n, bytes: numbered(4096) }]);

  it.each<[string, () => string[], string]>([
    ["no file", () => ["conformance", "gone.json"], "gone.json: there is no such file"],
    ["no scenario", () => ["play", "gone.json"], "gone.json: there is no such file"],
    [
      "a scenario that is none",
      () => ["play", caller.put("s.json", '{"format": "x"}')],
      's.json: format: expected "iommu-playground scenario", found "x"',
    ],
    ["a directory", () => ["image", ".", IMAGE[1] ?? ""], ".: this is a directory"],
    [
      "a directory without cases",
      () => ["conformance", empty.folder],
      "there is no .json file in this directory",
    ],
    [
      "a file that is no JSON",
      () => ["conformance", caller.put("bad.json", '{\n"format" 1}')],
      "bad.json: line 2 column 10: this is not valid JSON",
    ],
    [
      "cases of another format",
      () => [
        "conformance",
        caller.put("case.json", JSON.stringify({ format: "vtd-oracle-2", cases: [{ id: 1 }] })),
      ],
      'case.json: format: expected "vtd-oracle-1", found "vtd-oracle-2"',
    ],
    [
      "an image that is none",
      () => ["image", caller.put("tables", "fed90000: 0x0"), IMAGE[1] ?? ""],
      "tables: byte 0x0: this is no ELF core file",
    ],
    [
      "an image that is cut",
      () => ["image", caller.put("cut.gz", gzipSync(page.subarray(0, 2000))), IMAGE[1] ?? ""],
      "cut.gz: byte 0x7d0: the file ends here",
    ],
    [
      "gzip data that are cut",
      () => ["image", caller.put("half.gz", gzipSync(page).subarray(0, 100)), IMAGE[1] ?? ""],
      "the file cannot be read further: the gzip data end too early",
    ],
    [
      "registers without RTADDR",
      () => [
        "image",
        IMAGE[0] ?? "",
        caller.put(
          "r.txt",
          "fed90000: 0x10 0x0 0x222f0606 0x81d2008c 0xf00f4a 0x8800 0x0 0xc7000000",
        ),
      ],
      "RTADDR_REG (offset 0x20) is missing",
    ],
    [
      "lookups with a wrong line",
      () => ["image", ...IMAGE, "--lookups", caller.put("l.jsonl", "{}\n")],
      "l.jsonl: line 1 result: expected",
    ],
  ])("is one line with file, place and reason: %s", async (_, args, message) => {
    const ended = await runCli(args(), caller.folder);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("stops a bomb at the limit and says so in one line", async () => {
    const head = coreFile([{ address: 0n, bytes: numbered(4096) }]);
    const member = gzipSync(new Uint8Array(2 ** 26), { level: 9 });
    const bomb = caller.put(
      "bomb.gz",
      Buffer.concat([gzipSync(head), ...Array.from({ length: 20 }, () => member)]),
    );
    expect(await runCli(["image", bomb, IMAGE[1] ?? ""], caller.folder)).toMatchObject({
      code: 2,
      stderr: `${bomb}: byte 0x40000000: unpacked, the file is larger than 1024 MiB, the most that is read\n`,
    });
    const listing = caller.put("listing.gz", Buffer.concat([member, member]));
    expect(await runCli(["image", IMAGE[0] ?? "", listing], caller.folder)).toMatchObject({
      code: 2,
      stderr: `${listing}: byte 0x4000000: unpacked, the file is larger than 64 MiB, the most that is read\n`,
    });
  });
});
