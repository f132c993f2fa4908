import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "cassandra-driver";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Report, StatementReport } from "../../../src/cli/report.ts";
import { freshName } from "../../conformance/names.ts";
import { type ProcessResult, sluice } from "../../support/sluice-process.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { describeWithAll } from "../needs.ts";

const DEVICES = 300;
const READINGS = 2000;

interface Row {
  readonly id: number;
}

/** Some are of devices that nobody knows. */
const deviceOf = (id: number): number => (id * 7) % (DEVICES + 20);

/** What is joined, and what DEVICES have: of every fifth one no room is known, every seventh one is off. */
const roomOf = (device: number): string | null => (device % 5 === 0 ? null : `room ${device % 20}`);
const ownerOf = (device: number): string => `owner-${device % 11}`;

describeWithAll(["elasticsearch", "cassandra"], "records joined with Cassandra and Elasticsearch", ({ elasticsearch, cassandra }) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-lookups-"));
  const scratch = new Scratch(elasticsearch.node);
  const keyspace = freshName("sluice");
  const client = new Client(cassandra);
  const run = (args: readonly string[], input = ""): Promise<ProcessResult> => sluice(args, { cwd: directory, input });
  const pipeline = async (name: string, sql: string): Promise<readonly StatementReport[]> => {
    writeFileSync(join(directory, "queries", `${name}.sql`), sql);
    const result = await run(["run", `queries/${name}.sql`, "--until-end", "--report", "json"]);
    expect(result.code, result.stderr).toBe(0);
    return (JSON.parse(result.stdout) as Report).pipelines[0]?.statements ?? [];
  };
  const rows = async (index: string): Promise<readonly Row[]> => {
    const { code, stdout, stderr } = await run(["query", `SELECT * FROM ${index}`, "--output", "ndjson"]);
    expect(code, stderr).toBe(0);
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
    return found.sort((left, right) => left.id - right.id);
  };

  beforeAll(async () => {
    mkdirSync(join(directory, "queries"));
    const { contactPoints, localDataCenter } = cassandra;
    const connections = [
      "  local:\n    kind: embedded",
      `  elastic:\n    kind: elasticsearch\n    node: ${elasticsearch.node}`,
      `  cass:\n    kind: cassandra\n    contactPoints: ${contactPoints.join(",")}\n    localDataCenter: ${localDataCenter}`,
    ];
    writeFileSync(join(directory, "sluice.yaml"), `connections:\n${connections.join("\n")}\n\ndefaults:\n  source: local\n  sink: local\n`);
    const records = Array.from({ length: READINGS }, (_, id) => ({ id, device: deviceOf(id), value: id / 2 }));
    const { code, stderr } = await run(["produce", "readings"], records.map((one) => `${JSON.stringify(one)}\n`).join(""));
    expect(code, stderr).toBe(0);
    await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
    await client.execute(`CREATE TABLE ${keyspace}.devices (id int PRIMARY KEY, room text, owner text, active boolean)`);
    for (let id = 0; id < DEVICES; id++) {
      const query = `INSERT INTO ${keyspace}.devices (id, room, owner, active) VALUES (?, ?, ?, ?)`;
      await client.execute(query, [id, roomOf(id), ownerOf(id), id % 7 !== 0], { prepare: true });
    }
    await scratch.send("PUT", `/${scratch.name("owners")}`, { mappings: { properties: { owner: { type: "keyword" } } } });
    for (let owner = 0; owner < 10; owner++)
      await scratch.send("PUT", `/${scratch.name("owners")}/_doc/${owner}?refresh=true`, {
        owner: `owner-${owner}`,
        city: `city ${owner}`,
      });
  });

  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await client.execute(`DROP KEYSPACE ${keyspace}`);
    await Promise.all([client.shutdown(), scratch.clean()]);
  });

  it("have the rows of both, by one look-up after the other", async () => {
    const statements = await pipeline(
      "enrich",
      `CREATE STREAM readings (id INT, device INT, value DOUBLE) WITH (topic = 'readings');
       INSERT INTO enriched SELECT r.id, d.room, o.city FROM readings r
         LEFT JOIN cass.${keyspace}.devices d ON r.device = d.id AND d.active
         LEFT JOIN elastic.\`${scratch.name("owners")}\` o ON d.owner = o.owner;
       INSERT INTO known SELECT r.id, d.room, r.value FROM readings r JOIN cass.${keyspace}.devices d ON d.id = r.device
         WHERE d.room IS NOT NULL;`,
    );
    expect(statements).toMatchObject([
      { in: READINGS, applied: READINGS, written: READINGS },
      { in: READINGS, deadLettered: 0 },
    ]);
    const ids = Array.from({ length: READINGS }, (_, id) => id);
    expect(await rows("enriched")).toEqual(
      ids.map((id) => {
        const device = deviceOf(id);
        const isActive = device < DEVICES && device % 7 !== 0;
        const owner = device % 11;
        return { id, room: isActive ? roomOf(device) : null, city: isActive && owner < 10 ? `city ${owner}` : null };
      }),
    );
    const isKnown = (id: number): boolean => deviceOf(id) < DEVICES && roomOf(deviceOf(id)) !== null;
    expect(await rows("known")).toEqual(ids.filter(isKnown).map((id) => ({ id, room: roomOf(deviceOf(id)), value: id / 2 })));
  });

  it("are explained with what is looked up by what", async () => {
    const { code, stdout, stderr } = await run(["explain", "queries/enrich.sql"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      `look up  left: in cass.${keyspace}.devices by id = r.device and d.active; up to 10000 rows kept for 60000 ms`,
    );
    expect(stdout).toContain(`look up  left: in elastic.${scratch.name("owners")} by owner = d.owner;`);
  });

  it("fail with what is wrong where ON names no key of the table", async () => {
    const sql = `CREATE STREAM readings (id INT, device INT, value DOUBLE) WITH (topic = 'readings');
      INSERT INTO wrong SELECT r.id, d.room FROM readings r JOIN cass.${keyspace}.devices d ON r.device = d.room;`;
    writeFileSync(join(directory, "queries", "wrong.sql"), sql);
    const { code, stderr } = await run(["run", "queries/wrong.sql", "--until-end"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`rows of ${keyspace}.devices are looked up by its primary key, (id), not by (room)`);
  });
});
