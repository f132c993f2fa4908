import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { printEbnf } from "../../grammar/ebnf.ts";

const file = new URL("../../grammar/sluice.ebnf", import.meta.url);

it("grammar/sluice.ebnf is what the parser runs (UPDATE_EBNF=1 writes it)", () => {
  if (process.env["UPDATE_EBNF"] === "1") writeFileSync(file, printEbnf());
  expect(readFileSync(file, "utf8")).toBe(printEbnf());
});
