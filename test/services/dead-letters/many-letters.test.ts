import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { openStore } from "../open-store.ts";

const COUNT = 25_000;
const STEP = 5_000;
const PAGE = 1000;
const WAIT_MS = 120_000;

interface Page {
  readonly items: readonly DeadLetter[];
  readonly next?: string;
}

/** More than a call redrives, and than a page has, in one partition of a topic. */
describeWith("kafka", "many dead letters in a topic", ({ brokers }) => {
  const [name, topic, letters] = [freshName("many"), freshName("readings"), freshName("letters")];
  const project = new ServedProject({
    "sluice.yaml": `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(brokers)} }
  local: { kind: embedded, file: rows.db }
defaults: { source: kafka, sink: local }
`,
  });
  const textOf = (value: string): string => `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'kafka.${letters}';
    INSERT INTO local.taken SELECT id, ${value} AS value FROM kafka.${topic} PK id;`;
  const put = (text: string) => project.client.request("PUT", `/v1/pipelines/${name}`, { sql: text });
  const endOf = async (of: string): Promise<number> => (await must(reader.source).bounds(of, 0)).endOffset;
  let reader: Connection;

  beforeAll(async () => {
    reader = await openStore("kafka", { brokers });
    for (const one of [topic, letters]) await must(reader.source).createTopic(one, { partitions: 1 });
    await project.start();
  });

  afterAll(async () => {
    await project.client.request("DELETE", `/v1/pipelines/${name}`);
    await project.end("SIGINT");
    await project.close();
    for (const one of [topic, letters]) await must(reader.source).deleteTopic(one);
    await reader.close();
  });

  it("are listed page by page, each once", async () => {
    await put(textOf("value + 0"));
    for (let from = 0; from < COUNT; from += STEP) {
      const records = Array.from({ length: STEP }, (_, n) => ({ id: from + n, value: "no number" }));
      await must(reader.source).append(
        topic,
        records.map((record) => ({ key: null, value: Buffer.from(JSON.stringify(record)), timestampMs: Date.now() })),
      );
    }
    await until(async () => (await endOf(letters)) >= COUNT, "the dead letters", WAIT_MS);
    const offsets = new Set<number>();
    let pages = 0;
    const startMs = performance.now();
    for (let after: string | undefined = ""; after !== undefined; pages++) {
      const path = `/v1/pipelines/${name}/deadletters?limit=${PAGE}${after === "" ? "" : `&after=${after}`}`;
      const page: Page = (await project.client.request<Page>("GET", path)).body;
      for (const { offset } of page.items) offsets.add(offset);
      after = page.next;
    }
    console.log(`${pages} pages in ${Math.round(performance.now() - startMs)} ms`);
    expect(pages).toBe(COUNT / PAGE);
    expect(offsets.size).toBe(COUNT);
  });

  it("are all redriven by one command, each record once", async () => {
    await put(textOf("value"));
    const startMs = performance.now();
    const { stdout, code } = await project.run("deadletters", "redrive", name);
    console.log(`redriven in ${Math.round(performance.now() - startMs)} ms`);
    expect({ stdout, code }).toEqual({ stdout: `25,000 records put back, of 25,000 dead letters\n`, code: 0 });
    expect(await endOf(topic)).toBe(2 * COUNT);
    await until(async () => (await project.rows("local.taken")).length === COUNT, "all rows", WAIT_MS);
    expect((await project.run("deadletters", "redrive", name)).stdout).toBe("0 records put back, of 0 dead letters\n");
  });
});
