import { expect, it } from "vitest";
import { ACCELERATOR, fixtureSurvey } from "./scene-fixture.ts";
import { selectionOf } from "./selection-text.ts";

const survey = fixtureSurvey();
const of = (text: string) => selectionOf(text, survey);

it("finds what a text names", () => {
  expect(of("requester 6a:01.0")).toEqual({ kind: "requester", requester: ACCELERATOR });
  expect(of("requester 6a:01.0 0x41")).toEqual({
    kind: "pasid",
    requester: ACCELERATOR,
    pasid: 0x41,
  });
  expect(of("domain 7")).toEqual({ kind: "space", id: "second-stage@0x110000000" });
  expect(of("domain 99")).toEqual({ kind: "object", id: "domain 99" });
  expect(of("mdev 83b8f4f2-509f")).toEqual({ kind: "object", id: "mdev 83b8f4f2-509f" });
  expect(of("check a-check")).toEqual({ kind: "check", id: "a-check" });
  expect(of("entry 0x1_06a0_0008")).toMatchObject({ kind: "entry", table: "second-stage entry" });
  expect(of("entry 0x5000")).toMatchObject({ kind: "memory" });
});

it("finds nothing in a text that names nothing", () => {
  for (const text of ["", "mdev", "requester x", "entry 0xffff_ffff_ffff_ffff", "entry"]) {
    expect(of(text)).toBeNull();
  }
});
