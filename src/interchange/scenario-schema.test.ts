// The published JSON Schema is the reader's own form.
import { describe, expect, it } from "vitest";
import { jsonSchemaOf } from "../testing/json-schema.ts";
import { scenarioForm } from "./scenario-form.ts";

const HEAD = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "IOMMU Playground scenario, version 1",
  description:
    "See docs/scenario-format.md: ids, references and steps have rules beyond this schema.",
};

describe("public/scenario.schema.json", () => {
  it("says what the reader's form says", async () => {
    const text = `${JSON.stringify(jsonSchemaOf(scenarioForm, HEAD), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../public/scenario.schema.json");
  });
});
