import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { findTestFiles } from "../../../src/project/row-tests/find-test-files.ts";
import { RowTests } from "../../../src/project/row-tests/row-test-schema.ts";
import { ROOT } from "../../support/source-files.ts";

const SCHEMA = "docs/operations/row-test.schema.json";

it("is published for editors", async () => {
  const schema = { $schema: "http://json-schema.org/draft-07/schema#", ...RowTests };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(join(ROOT, SCHEMA));
});

it("fits the project's own tests", async () => {
  const validate = new Ajv().compile(JSON.parse(readFileSync(join(ROOT, SCHEMA), "utf8")) as object);
  const files = await findTestFiles([join(ROOT, "queries")]);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect([validate(parse(readFileSync(file, "utf8"), { merge: true })), validate.errors]).toEqual([true, null]);
  expect(validate({ tests: [{}] })).toBe(false);
});
