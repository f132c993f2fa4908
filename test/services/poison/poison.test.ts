import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { PipelineStatus } from "../../../src/fleet/pipeline-status.ts";
import type { WantedRecord } from "../../../src/fleet/redrive.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { bytesOfText } from "../../../src/runtime/routes/bytes-as-text.ts";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { freshName } from "../../conformance/names.ts";
import { NOTHING_REDRIVEN } from "../../support/nothing-redriven.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { ensure, kill, wipe } from "../launcher/launcher.ts";
import { describeWithAll } from "../needs.ts";
import { openStore } from "../open-store.ts";
import { documentsOf } from "../read-back.ts";
import {
  BROKEN_EACH,
  type Cause,
  causeOf,
  correctedText,
  expectedDocument,
  expectedRow,
  keptOf,
  NUMBERS,
  numberAt,
  offsetOf,
  PARTITIONS,
  partitionOf,
  RECORDS,
  type Routes,
  recordOf,
  START_MS,
  soundValue,
  strictText,
} from "./poison-records.ts";

/** A store of this test's own, so that it may be restarted. */
const INSTANCE = "elasticsearch-maintenance";
const APPEND_RECORDS = 10_000;
const DAY_MS = 86_400_000;
const MAPPING = {
  ...{ id: { type: "keyword" }, n: { type: "long" }, v: { type: "double" } },
  ...{ extra: { type: "long" }, small: { type: "long" } },
};

const BROKEN = NUMBERS.filter((n) => causeOf(n) !== null);

/** Step and code of the letters of each cause, by route; none: the route takes such records. */
const LETTERS: Readonly<Record<"index" | "table", Partial<Record<Cause, readonly [step: string, code: string]>>>> = {
  index: {
    "bad bytes": ["read", "RECORD_MALFORMED"],
    "wrong type": ["read", "RECORD_TYPE"],
    "null key": ["read", "RECORD_TYPE"],
    "mapping conflict": ["write", "CHANGE_REJECTED"],
    "long id": ["write", "ID_TOO_LONG"],
  },
  table: {
    "bad bytes": ["read", "RECORD_MALFORMED"],
    "wrong type": ["read", "RECORD_TYPE"],
    "null key": ["read", "RECORD_TYPE"],
    "table type": ["write", "CHANGE_REJECTED"],
  },
};

const refusedBy = (route: "index" | "table", step?: string): readonly number[] =>
  BROKEN.filter((n) => {
    const letter = LETTERS[route][must(causeOf(n))];
    return letter !== undefined && (step === undefined || letter[0] === step);
  });

describeWithAll(["kafka", "elasticsearch", "cassandra"], "poison", ({ kafka, elasticsearch, cassandra }) => {
  const scratch = new Scratch(elasticsearch.node);
  const [topic, later, brief] = [freshName("poison"), freshName("sound"), freshName("brief")];
  const keptLetters = { long: freshName("letters.long"), short: freshName("letters.short") };
  const admin = new ClusterAdmin(kafka.brokers);
  const [index, indexLetters] = [scratch.name("rows"), scratch.prefix];
  const name = scratch.prefix;
  let keyspace: TestKeyspace;
  let routes: Routes;
  let project: ServedProject;
  let reader: Connection;
  let elastic: Connection;
  let spare = "";

  const put = (pipeline: string, sql: string) => project.client.request("PUT", `/v1/pipelines/${pipeline}`, { sql });
  const statusOf = async (pipeline: string): Promise<PipelineStatus> => (await project.pipeline(pipeline)).status;
  const countersOf = async (pipeline: string) => (await statusOf(pipeline)).statements.map(({ counters }) => counters);
  const append = async (to: string, numbers: readonly number[], value = (n: number) => must(recordOf(n).value)): Promise<void> => {
    for (let from = 0; from < numbers.length; from += APPEND_RECORDS) {
      const some = numbers.slice(from, from + APPEND_RECORDS);
      await must(reader.source).append(
        to,
        some.map((n) => ({ ...recordOf(n), value: value(n) })),
      );
    }
  };

  beforeAll(async () => {
    [keyspace, spare] = await Promise.all([
      makeKeyspace(cassandra),
      ensure("elasticsearch", { instance: INSTANCE }).then(({ address }) => `http://${address}`),
    ]);
    const table = `${keyspace.name}.readings`;
    routes = { topic, index, table, indexLetters: `${indexLetters}_letters`, tableLetters: `${keyspace.name}.letters` };
    const { contactPoints, localDataCenter } = cassandra;
    project = new ServedProject({
      "sluice.yaml": `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(kafka.brokers)} }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(elasticsearch.node)} }
  spare: { kind: elasticsearch, node: ${JSON.stringify(spare)} }
  cassandra: { kind: cassandra, contactPoints: ${JSON.stringify(contactPoints)}, localDataCenter: ${localDataCenter} }
defaults: { source: kafka, sink: elastic }
`,
    });
    reader = await openStore("kafka", { brokers: kafka.brokers });
    elastic = await openStore("elasticsearch", { node: elasticsearch.node });
    await scratch.send("PUT", `/${index}`, { mappings: { properties: MAPPING } });
    await keyspace.query(`CREATE TABLE ${table} (id text PRIMARY KEY, n int, v double, small int)`);
    await must(reader.source).createTopic(topic, { partitions: PARTITIONS });
    await Promise.all([append(topic, NUMBERS), project.start()]);
  });

  afterAll(async () => {
    // Where a test was left out there is none of that name.
    const pipelines = [name, `${name}_strict`, `${name}_patient`, `${name}_kept`];
    await Promise.allSettled(pipelines.map((pipeline) => project.client.request("DELETE", `/v1/pipelines/${pipeline}`)));
    await project.end("SIGINT");
    await project.close();
    for (const one of [topic, later, brief, ...Object.values(keptLetters)])
      await must(reader.source)
        .deleteTopic(one)
        .catch(() => {});
    await Promise.all([admin.close(), reader.close(), elastic.close(), keyspace.drop(), scratch.clean(), wipe("elasticsearch", INSTANCE)]);
  });

  const settled = async (pipeline: string, records: number): Promise<void> => {
    let seen = "";
    const isSettled = async (): Promise<boolean> => {
      const counters = await countersOf(pipeline);
      seen = JSON.stringify(counters);
      return counters.length > 0 && counters.every(({ in: taken, applied, sent }) => taken === records && sent === applied);
    };
    await until(isSettled, `${records} records`, 120_000, () => seen, 250);
  };

  it("becomes letters that are complete, and both equations hold", async () => {
    await put(name, strictText(routes));
    await settled(name, RECORDS);
    const counters = await countersOf(name);
    for (const [place, route] of (["index", "table"] as const).entries()) {
      const [unread, refused] = [refusedBy(route, "read").length, refusedBy(route, "write").length];
      expect(counters[place]).toMatchObject({
        ...{ in: RECORDS, applied: RECORDS - unread, filtered: 0, late: 0, deadLettered: unread },
        ...{ sent: RECORDS - unread, written: RECORDS - unread - refused, superseded: 0, rejected: refused },
      });
    }
    const { statements } = await statusOf(name);
    for (const [place, route] of (["index", "table"] as const).entries()) {
      const statement = must(statements[place]).name;
      const path = `/v1/pipelines/${name}/deadletters?limit=1000&statement=${encodeURIComponent(statement)}`;
      const { items } = (await project.client.request<{ items: DeadLetter[] }>("GET", path)).body;
      const numbers = items.map(({ partition, offset }) => numberAt(partition, offset));
      expect(numbers.toSorted((left, right) => left - right)).toEqual(refusedBy(route));
      for (const [at, { value, document, step, error, version, redrive, ...letter }] of items.entries()) {
        expect(redrive).toEqual({ sends: "record" });
        const n = must(numbers[at]);
        const { value: bytes, ...kept } = keptOf(n);
        const [where, code] = must(LETTERS[route][must(causeOf(n))]);
        expect(letter).toEqual({ ...kept, statement, topic, code });
        expect(bytesOfText(value)?.equals(must(bytes))).toBe(true);
        expect(step.startsWith(where === "read" ? "read" : "write ")).toBe(true);
        expect(document === null).toBe(where === "read");
        if (document !== null) expect(JSON.parse(document)).toMatchObject({ n, v: n / 4 + 1 });
        expect(error).not.toBe("");
        expect(version).toBeGreaterThan(0);
      }
    }
  });

  it("is completed by redrive, once the causes are corrected", async () => {
    await put(name, correctedText(routes));
    const redrive = async (records?: readonly WantedRecord[]) =>
      (await project.client.request<typeof NOTHING_REDRIVEN>("POST", `/v1/pipelines/${name}/deadletters/redrive`, { records })).body;
    const broken = BROKEN.filter((n) => causeOf(n) === "bad bytes");
    const mended = broken.map((n) => ({ topic, partition: partitionOf(n), offset: offsetOf(n), value: soundValue(n) }));
    expect(await redrive(mended)).toEqual({ ...NOTHING_REDRIVEN, records: broken.length, letters: 2 * broken.length });
    const all = refusedBy("index").length + refusedBy("table").length;
    const others = { records: BROKEN.length - broken.length, letters: all - 2 * broken.length };
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, ...others });
    expect(await redrive()).toEqual(NOTHING_REDRIVEN);
    let seen = "";
    await until(
      async () => {
        const { statements, failures } = await statusOf(name);
        seen = JSON.stringify([failures, statements.map(({ lag, counters }) => [lag, counters])]);
        return statements.every(({ lag }) => lag === 0) && (await scratch.count(index)) === RECORDS;
      },
      "the records that were put back",
      60_000,
      () => seen,
      250,
    );
    await project.client.request("POST", `/v1/pipelines/${name}/pause`, {});
    await until(async () => (await statusOf(name)).state === "paused", "what is under way", 30_000);
    const byNumber = (rows: readonly { readonly n: number }[]) => rows.toSorted((left, right) => left.n - right.n);
    const sameAs = (rows: readonly { readonly n: number }[], expected: (n: number) => object) => {
      expect(rows.length).toBe(RECORDS);
      const wrong = byNumber(rows).filter((row, n) => !sameRow(row, expected(n)));
      expect(wrong.slice(0, 3)).toEqual([]);
    };
    sameAs(await documentsOf(elastic, index), expectedDocument);
    sameAs(await documentsOf(keyspace.connection, routes.table), expectedRow);
    for (const { deadLettered, rejected, in: taken, applied, filtered, late, sent, written, superseded } of await countersOf(name)) {
      expect(taken).toBe(applied + filtered + late + deadLettered);
      expect(sent).toBe(written + superseded + rejected);
    }
  });

  it("stops a statement under THROW at the first of each partition, and nothing behind it is written", async () => {
    const strict = scratch.name("strict");
    await put(
      `${name}_strict`,
      `SET 'error.policy' = 'throw'; INSERT INTO elastic.\`${strict}\` SELECT n, v + 1 AS v FROM \`${topic}\` PK n;`,
    );
    await until(
      async () => (await statusOf(`${name}_strict`)).failures.length === PARTITIONS,
      "the failure",
      30_000,
      () => project.log.slice(-2000),
      250,
    );
    const first = BROKEN_EACH / 2;
    const before = NUMBERS.filter((n) => offsetOf(n) < first);
    const written = async () =>
      (await project.rows<{ n: number }>(`elastic.\`${strict}\``)).map(({ n }) => n).sort((left, right) => left - right);
    await until(async () => (await written()).length === before.length, "what came before", 20_000);
    const path = `/v1/pipelines/${name}_strict/tasks`;
    const { items } = (await project.client.request<{ items: object[] }>("GET", path)).body;
    expect(items).toMatchObject(
      [0, 1].map((partition) => ({ partition, state: "failed", position: first, lastError: { topic, partition, offset: first } })),
    );
    expect(await written()).toEqual(before);
  });

  it("is none where a store is restarted under RETRY", async () => {
    const patient = scratch.name("patient");
    const sound = NUMBERS.slice(0, 20_000);
    const half = sound.length / 2;
    await must(reader.source).createTopic(later, { partitions: PARTITIONS });
    const appendSound = (numbers: readonly number[]) => append(later, numbers, (n) => Buffer.from(JSON.stringify({ n })));
    await appendSound(sound.slice(0, half));
    await put(
      `${name}_patient`,
      `SET 'error.policy' = 'retry'; SET 'dead.letters' = 'elastic.${patient}_letters';
        INSERT INTO spare.\`${patient}\` SELECT n FROM \`${later}\` PK n AUTOCREATE BATCH = 200;`,
    );
    const there = new Scratch(spare);
    await until(
      async () => (await there.count(patient)) > 0,
      "the first rows",
      30_000,
      () => project.log.slice(-2000),
    );
    await kill("elasticsearch", INSTANCE);
    await appendSound(sound.slice(half));
    await until(async () => (await statusOf(`${name}_patient`)).unavailable.length > 0, "the store to be missed", 30_000);
    await ensure("elasticsearch", { instance: INSTANCE });
    await settled(`${name}_patient`, sound.length);
    const { restarts, failures, skipped, statements } = await statusOf(`${name}_patient`);
    expect({ restarts, failures, skipped }).toEqual({ restarts: 0, failures: [], skipped: [] });
    expect(statements.map(({ state, counters }) => ({ state, ...counters }))).toMatchObject([
      { state: "running", in: sound.length, applied: sound.length, deadLettered: 0, rejected: 0, sent: sound.length },
    ]);
    const letters = `/v1/pipelines/${name}_patient/deadletters`;
    expect((await project.client.request<{ items: DeadLetter[] }>("GET", letters)).body.items).toEqual([]);
    const spareConnection = await openStore("elasticsearch", { node: spare });
    const rows = await documentsOf<{ n: number }>(spareConnection, patient);
    await spareConnection.close();
    expect(rows.map(({ n }) => n).sort((left, right) => left - right)).toEqual(sound);
  });

  it("becomes letters that are gone when their time is over, as topic, index and table have it", async () => {
    const source = must(reader.source);
    const [index, table] = [scratch.name("kept"), `${keyspace.name}.kept`];
    const kept = `${name}_kept`;
    const text = (retention: string, letters: string) => `SET 'error.policy' = 'noop'; SET 'dead.letters.retention' = '${retention}';
      SET 'dead.letters' = 'kafka.${letters}'; INSERT INTO elastic.\`${index}\` SELECT n FROM \`${brief}\` PK n AUTOCREATE;
      SET 'dead.letters' = 'elastic.${index}_letters'; INSERT INTO elastic.\`${index}\` SELECT n FROM \`${brief}\` PK n;
      SET 'dead.letters' = 'cassandra.${table}'; INSERT INTO elastic.\`${index}\` SELECT n FROM \`${brief}\` PK n;`;
    const writeBroken = () => source.append(brief, [{ key: null, value: Buffer.from("{"), timestampMs: START_MS }]);
    /** Counted and durable: each letter was acknowledged. */
    const taken = async (records: number): Promise<void> => {
      let seen = "";
      const isTaken = async (): Promise<boolean> => {
        const counters = await countersOf(kept);
        const { items } = (await project.client.request<{ items: readonly Task[] }>("GET", `/v1/pipelines/${kept}/tasks`)).body;
        seen = JSON.stringify([counters, items]);
        const isCounted = counters.length === 3 && counters.every((each) => each.in === records && each.deadLettered === records);
        return isCounted && items.length > 0 && items.every(({ durable }) => durable === records);
      };
      await until(isTaken, `${records} letters each`, 60_000, () => `${seen} ${project.log.slice(-2000)}`, 100);
    };
    /** Of all partitions: how many there were, and how many are there. */
    const lettersIn = async (letters: string): Promise<readonly [ever: number, now: number]> => {
      const { partitions } = must(await source.describeTopic(letters));
      const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => source.bounds(letters, partition)));
      const ever = bounds.reduce((sum, { endOffset }) => sum + endOffset, 0);
      return [ever, ever - bounds.reduce((sum, { startOffset }) => sum + startOffset, 0)];
    };
    const offsetsIn = async () =>
      (await keyspace.query(`SELECT "offset", TTL(error) AS ttl FROM ${table}`)).map((row) => [
        Number(row["offset"]),
        row["ttl"] as number,
      ]);
    const dated = `${index}_letters_2026-03-01`;

    await source.createTopic(brief, { partitions: 1 });
    await writeBroken();
    await put(kept, text("30d", keptLetters.long));
    await taken(1);
    const settings = await admin.settingsOf(keptLetters.long);
    expect([settings.get("retention.ms"), settings.get("message.timestamp.type")]).toEqual([String(30 * DAY_MS), "LogAppendTime"]);
    expect(await lettersIn(keptLetters.long)).toEqual([1, 1]);
    expect(await scratch.count(dated)).toBe(1);
    const [letter] = await offsetsIn();
    expect(letter).toEqual([0, expect.toSatisfy((seconds: number) => seconds > (29 * DAY_MS) / 1000 && seconds <= (30 * DAY_MS) / 1000)]);

    // The index is older than that now; in a table each letter keeps the time that it was given.
    await put(kept, text("1s", keptLetters.short));
    const said = () => project.log.slice(-2000);
    await until(async () => (await scratch.index(dated)) === null, "the index to be deleted", 60_000, said, 100);
    await writeBroken();
    await taken(2);
    await until(
      async () => (await offsetsIn()).map(([offset]) => offset).join() === "0",
      "the second letter to leave the table",
      60_000,
      said,
      100,
    );
    await until(async () => (await lettersIn(keptLetters.short)).join() === "1,0", "the letter to leave the topic", 60_000, said, 100);
    expect(await lettersIn(keptLetters.long)).toEqual([1, 1]);
  });
});

function sameRow(row: object, expected: object): boolean {
  const entries = (one: object): string => JSON.stringify(Object.entries(one).sort(([left], [right]) => (left < right ? -1 : 1)));
  return entries(row) === entries(expected);
}
