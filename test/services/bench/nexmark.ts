import { mkdirSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { prepareDataSet } from "../../../bench/data/prepare-data-set.ts";
import { runNexmark } from "../../../bench/engines/nexmark.ts";
import { QUERIES } from "../../../bench/nexmark/queries.ts";
import { LAYOUTS } from "../../../bench/nexmark/topics.ts";
import { PATHS } from "../../../bench/paths.ts";
import { must } from "../../../src/assert.ts";
import { NOT_YET } from "../../bench/nexmark/not-yet.ts";
import { PACKAGE } from "../../support/package.ts";
import { describeWith } from "../needs.ts";

/** A fifth of them are events. */
const MESSAGES = 50_000;

/** Its windows depend on the clock on the wall: what is certain of it is tested on embedded topics. */
const OF_THE_CLOCK = "q12";

describeWith("kafka", "the bench of Nexmark", ({ brokers }) => {
  const broker = { address: must(brokers[0]), pid: null, isFresh: false };

  beforeAll(async () => {
    mkdirSync(PATHS.home, { recursive: true });
    for (const layout of LAYOUTS) await prepareDataSet(broker.address, `nexmark-${layout}`, MESSAGES, () => undefined);
  });

  it.each(QUERIES.filter(({ name }) => !(name in NOT_YET) && name !== OF_THE_CLOCK))("finds what $name wrote right", async (query) => {
    const { results } = await runNexmark({ broker, messages: MESSAGES, verify: true, root: PACKAGE }, query);
    expect(results).toBeGreaterThan(0);
  });
});
