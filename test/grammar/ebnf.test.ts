import { expect, it } from "vitest";
import { printEbnf } from "../../grammar/ebnf.ts";

it("grammar/sluice.ebnf is what the parser runs", async () => {
  await expect(printEbnf()).toMatchFileSnapshot("../../grammar/sluice.ebnf");
});
