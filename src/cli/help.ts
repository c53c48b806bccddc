// What `--help` prints, for the whole and for each verb.

const OVERVIEW = `Usage: npm run -s cli -- VERB ...

  play [--all] [--trace FILE] [--json] FILE|ID...
      play scenarios and walkthroughs, and compare what their checks say with what is declared
  check FILE...
      tell whether scenario files are right, without playing them
  conformance [--profile spec|qemu] [--json] FILE...
      play recorded cases and compare
  image TABLES REGISTERS [--lookups FILE] [--translate BDF,PASID|-,IOVA,r|w]...
        [--profile spec|qemu] [--haw N] [--json]
      open a memory image and translate addresses with its tables
  bench [--json]
      translations per second, beside plain C
  VERB --help
      more about one verb

Files may be packed with gzip. Results go to stdout, everything else to stderr.
Exit code: 0 as expected, 1 something differed, 2 usage or unreadable input, 3 internal error.`;

const PLAY = `Usage: npm run -s cli -- play [--all] [--trace FILE] [--json] FILE|ID...

Plays scenario files, or shipped scenarios by their id, and asks each check where the file declares it.

  --all         every shipped scenario and walkthrough
  --trace FILE  write every event as a line of JSON: {"event","operation","scenario"}
  --json        print a line for each scenario, without times:
                {"id","operations","events","trace_sha256","state_sha256",
                 "checks":[{"id","at","declared","got"}],"ok"}
                and a last one: {"scenarios","checks","failed"}

Exit code 1 when a check came out otherwise than declared, or a scenario could not be played to its end (then its
line has "error"). The form of the files: docs/scenario-format.md.`;

const CHECK = `Usage: npm run -s cli -- check FILE...

Reads scenario files without playing them and prints every problem with its place: ids, references, limits, steps that
fit together, sources present and typed, length of captions, labels of steps that rest on reading or memory alone.
A directory stands for the .json files in it. Exit code 1 when a file is not right.`;

const CONFORMANCE = `Usage: npm run -s cli -- conformance [--profile spec|qemu] [--json] FILE...

Plays the cases of vtd-oracle-1 files on the emulated remapping unit and compares each step
with what was recorded. A directory stands for the .json files in it.

  --profile P   play all cases under this profile instead of their own (qemu where a case names none)
  --json        print one JSON object instead of the table:
                {"cases","counted","passed","failed","ignored","failures":[{"id","op","want","got"}]}
                with the first 100 failures and only the parts that differ

A step is an operation with "expect". Not counted are all steps of a case tagged "qemu-quirk" and steps
whose ignore list has "*". A non-empty "final_mem" is one more counted step. A case that says what the format does not allow fails
with all its steps. Exit code 1 when a step failed.`;

const IMAGE = `Usage: npm run -s cli -- image TABLES REGISTERS [--lookups FILE]
         [--translate BDF,PASID|-,IOVA,r|w]... [--profile spec|qemu] [--haw N] [--json]

Opens a memory image (ELF core, tables only or the whole memory) with a register listing
(lines "fed90000: 0x00000010 ..."; others are skipped).

  --lookups FILE   one JSON object a line: what another implementation said; those with "agrees" count.
                   Exit code 1 when one differs, 2 when none counts.
  --translate T    requester, PASID or -, address, r or w; may be given again. Prints one JSON line each:
                   {"bdf","pasid","iova","access","result","pa","mask","reason","name","steps"}
  --profile P      spec or qemu; without it qemu with --lookups, else spec
  --haw N          host address width in bits, 32 to 52; without it the unit's MGAW + 1, at most 52
  --json           print lookups as {"lookups","counted","passed","failed","ignored","reason_equal",
                   "failures":[{"line","want","got"}]}

Caches are cold for each lookup and each --translate. Numbers: 0x1f is hexadecimal, 31 decimal.`;

const BENCH = `Usage: npm run -s cli -- bench [--json]

Measures translations per CPU second, trace off and on, with 1 and 64 contexts: a hit of the IOTLB, and a walk
of four levels with IOTLB and paging caches off. Beside them two walks in C, compiled in the same run with gcc.
Three rounds in turns, medians, ratios. Without gcc no ratio is reported.`;

export const HELP: Readonly<Record<string, string>> = {
  overview: OVERVIEW,
  play: PLAY,
  check: CHECK,
  conformance: CONFORMANCE,
  image: IMAGE,
  bench: BENCH,
};
