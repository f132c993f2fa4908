import { afterAll, beforeAll, expect, it } from "vitest";
import type { Report } from "../../../src/cli/report.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { scratch as scratchFolder } from "../../support/scratch.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { KafkaConnections } from "../kafka/connection.ts";
import { describeWith } from "../needs.ts";

const RECORDS = 3_000;
const START = 1_700_000_000_000;

describeWith("kafka", "elements, stages, unions and distinct rows", ({ brokers }) => {
  describeWith("elasticsearch", "from topics into indexes", ({ node }) => {
    const indexes = new Scratch(node);
    const connections = new KafkaConnections(brokers, "platformatic");
    const source = connections.source();
    const [orders, returns] = [freshName("orders"), freshName("returns")];
    const at = (n: number): number => START + n * 10;
    const tagsOf = (n: number): readonly string[] => ["a", "b", "c", "d"].slice(0, n % 4);
    const order = (n: number): RawRecord => ({
      key: Buffer.from(`k${n % 50}`),
      value: Buffer.from(JSON.stringify({ n, tags: n % 7 === 0 ? null : tagsOf(n), state: n % 2 === 0 ? "paid" : "open" })),
      timestampMs: at(n),
    });

    beforeAll(async () => {
      await source.createTopic(orders, { partitions: 2 });
      await source.createTopic(returns, { partitions: 1 });
      await source.append(
        orders,
        Array.from({ length: RECORDS }, (_, n) => order(n)),
      );
      const value = (n: number): Buffer => Buffer.from(JSON.stringify({ id: n, reason: `r${n % 5}` }));
      await source.append(
        returns,
        Array.from({ length: 200 }, (_, n) => ({ key: null, value: value(n), timestampMs: at(n), partition: 0 })),
      );
    });
    afterAll(async () => {
      await connections.close();
      await indexes.clean();
    });

    it("hold every row once after a kill, and the report counts records and changes", async () => {
      const [tags, both, reasons, recent] = ["tags", "both", "reasons", "recent"].map((name) => indexes.name(name));
      const cwd = scratchFolder({
        "sluice.yaml": JSON.stringify({
          connections: { kafka: { kind: "kafka", brokers, sessionTimeoutMs: 6_000 }, elastic: { kind: "elasticsearch", node } },
          defaults: { source: "kafka", sink: "elastic" },
        }),
        "queries/shapes.sql": `
          SET 'commit.interval' = '20ms';
          WITH paid AS (SELECT n, tags FROM \`${orders}\` WHERE state = 'paid');
          INSERT INTO \`${tags}\` SELECT n, EXPLODE(tags) AS tag FROM paid AUTOCREATE;
          INSERT INTO \`${both}\` SELECT n AS id, state AS what FROM \`${orders}\` WHERE n < 1000
            UNION ALL SELECT id, reason FROM \`${returns}\` AUTOCREATE;
          INSERT INTO \`${reasons}\` SELECT DISTINCT reason FROM \`${returns}\` AUTOCREATE;
          INSERT INTO \`${recent}\` SELECT n FROM (SELECT n FROM \`${orders}\`) AS o AUTOCREATE START AT ${at(RECORDS - 100)};`,
      });
      const run = (...args: string[]): SluiceProcess => new SluiceProcess(["run", "queries", "--report", "json", ...args], { cwd });
      const first = run();
      await until(
        async () => (await indexes.count(tags as string)) > 0,
        "the first rows",
        60_000,
        () => first.stderr,
      );
      first.kill("SIGKILL");
      await first.ended;
      const { code, stdout, stderr } = await run("--until-end").ended;
      expect(code, stderr).toBe(0);

      const numbers = Array.from({ length: RECORDS }, (_, n) => n);
      const exploded = numbers.filter((n) => n % 2 === 0 && n % 7 !== 0).flatMap((n) => tagsOf(n).map((tag) => `${n} ${tag}`));
      const rows = async (index: string | undefined, text: (row: Record<string, unknown>) => string): Promise<readonly string[]> =>
        [...(await indexes.documents(index as string)).values()].map(({ source: row }) => text(row as Record<string, unknown>)).sort();
      expect(await rows(tags, ({ n, tag }) => `${n} ${tag}`)).toEqual(exploded.sort());
      const united = [
        ...numbers.slice(0, 1000).map((n) => `${n} ${n % 2 === 0 ? "paid" : "open"}`),
        ...numbers.slice(0, 200).map((n) => `${n} r${n % 5}`),
      ];
      expect(await rows(both, ({ id, what }) => `${id} ${what}`)).toEqual(united.sort());
      expect(await rows(reasons, ({ reason }) => String(reason))).toEqual(["r0", "r1", "r2", "r3", "r4"]);
      expect((await rows(recent, ({ n }) => String(n))).length).toBe(100);
      const ids = [...(await indexes.documents(tags as string)).keys()];
      expect(ids.every((id) => new RegExp(`^${orders}-[01]-\\d+-[0-2]$`).test(id))).toBe(true);

      const statements = (JSON.parse(stdout) as Report).pipelines.flatMap((pipeline) => pipeline.statements);
      expect(statements.length).toBe(4);
      for (const statement of statements) {
        expect(statement.in).toBe(statement.applied + statement.filtered + statement.late + statement.deadLettered);
      }
      const [elements, union] = statements;
      expect(elements).toMatchObject({ name: `${tags}#1`, in: RECORDS });
      expect(union).toMatchObject({ name: `${both}#1`, in: RECORDS + 200, applied: 1200, filtered: RECORDS - 1000 });
    });
  });
});
