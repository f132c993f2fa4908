import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { QUERIES } from "../../bench/nexmark/queries.ts";
import { NOT_YET } from "../bench/nexmark/not-yet.ts";
import { replaceBlock } from "../support/generated-block.ts";
import { ROOT } from "../support/source-files.ts";

const PAGE = join(ROOT, "docs/nexmark.md");

it("docs/nexmark.md says which queries run, how, and with which difference", async () => {
  const rows = QUERIES.map(({ name, asks, layout, difference }) => {
    const runs = name in NOT_YET ? "not yet" : "yes";
    return `| [${name}](../bench/nexmark/${name}.sql) | ${asks} | ${layout} | ${runs} | ${difference ?? ""} |`;
  });
  const table = ["| query | answers | partitions | runs | differs from the benchmark in its form |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
  await expect(replaceBlock(readFileSync(PAGE, "utf8"), "queries", table)).toMatchFileSnapshot(PAGE);
});
