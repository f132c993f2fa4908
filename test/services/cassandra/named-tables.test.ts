import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { describeWithAll } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

const PIPELINE = freshName("sites");
const READINGS = 60;
const SITES = ["berlin", "paris", "rome"];

describeWithAll(["kafka", "cassandra"], "a pipeline whose records name their tables of Cassandra", ({ kafka, cassandra }) => {
  const cluster = new ClusterAdmin(kafka.brokers);
  let keyspace: TestKeyspace;
  let project: ServedProject;
  let topic = "";

  beforeAll(async () => {
    keyspace = await makeKeyspace(cassandra);
    topic = await cluster.createTopic("sites", {}, 1);
    const { contactPoints, localDataCenter } = cassandra;
    project = new ServedProject({
      "sluice.yaml": JSON.stringify({
        connections: {
          kafka: { kind: "kafka", brokers: kafka.brokers },
          cassandra: { kind: "cassandra", contactPoints, localDataCenter, keyspace: keyspace.name },
        },
        defaults: { source: "kafka", sink: "cassandra" },
      }),
    });
    await project.start();
  });

  afterAll(async () => {
    await project.client.request("DELETE", `/v1/pipelines/${PIPELINE}?purge=true`).catch(() => {});
    await project.end("SIGINT");
    await project.close();
    await cluster.deleteTopic(topic);
    await cluster.close();
    await keyspace.drop();
  });

  it("makes each when it is first named, and has letters of records whose table is none, or another one", async () => {
    const { name, query } = keyspace;
    await query(`CREATE TABLE ${name}.other (id text PRIMARY KEY, temp text)`);
    // With the keyspace, and in that of the connection.
    const siteOf = (n: number): string => `${n % 2 === 0 ? `${name}.` : ""}${SITES[n % SITES.length]}`;
    const sound = Array.from({ length: READINGS }, (_, n) => ({ id: `r${n}`, site: siteOf(n), temp: n / 4 }));
    const broken = [{ site: null }, { site: "no name" }, { site: `${name}.other` }].map((one, n) => ({ id: `b${n}`, temp: n, ...one }));
    await cluster.producer().send({
      messages: [...sound, ...broken].map((value) => ({ topic, key: value.id, value: JSON.stringify(value), partition: 0 })),
    });
    const sql = `CREATE STREAM sites (id STRING, site STRING, temp DOUBLE) WITH (topic = '${topic}');
      SET 'autocreate' = TRUE; SET 'error.policy' = 'noop'; SET 'dead.letters' = 'cassandra.letters';
      INSERT INTO cassandra._value.site SELECT id, temp FROM sites PK id;`;
    await project.client.request("PUT", `/v1/pipelines/${PIPELINE}`, sql);
    let seen = "";
    await until(
      async () => {
        const { status } = await project.pipeline(PIPELINE);
        seen = JSON.stringify(status);
        const [statement] = status.statements;
        return statement?.counters.in === READINGS + broken.length && statement.counters.sent === statement.counters.applied;
      },
      "all to be written",
      60_000,
      () => seen,
      100,
    );
    for (const [n, site] of SITES.entries()) {
      const rows = (await query(`SELECT id, temp FROM ${name}.${site}`)).map((row) => ({ id: row.get("id"), temp: row.get("temp") }));
      const expected = sound.filter((_, at) => at % SITES.length === n).map(({ id, temp }) => ({ id, temp }));
      const byId = (left: { readonly id: string }, right: { readonly id: string }): number => (left.id < right.id ? -1 : 1);
      expect(rows.sort(byId)).toEqual(expected.sort(byId));
    }
    expect(await query(`SELECT id FROM ${name}.other`)).toEqual([]);
    const { items } = (await project.client.request<{ items: DeadLetter[] }>("GET", `/v1/pipelines/${PIPELINE}/deadletters`)).body;
    const letters = items.map(({ offset, code }) => [offset - READINGS, code]).sort();
    expect(letters, JSON.stringify(items)).toEqual([
      [0, "RECORD_TARGET"],
      [1, "RECORD_TARGET"],
      [2, "TARGET_MISMATCH"],
    ]);
    const [statement] = (await project.pipeline(PIPELINE)).status.statements;
    expect(statement?.counters).toMatchObject({ deadLettered: 2, sent: READINGS + 1, written: READINGS, rejected: 1 });
  });
});
