import { describe, expect, it } from "vitest";
import { CASSANDRA_RULES, CASSANDRA_SINK_RULES } from "../../../src/adapters/import/cassandra-rules.ts";
import { ELASTIC_RULES } from "../../../src/adapters/import/elastic-rules.ts";
import { ruleFor } from "../../../src/adapters/import/rule.ts";
import { parseConfig } from "../../../src/project/config.ts";
import { type ImportResult, importFile } from "../../../src/project/import/import-file.ts";
import { mergeConnections } from "../../../src/project/import/merge-connections.ts";
import { checkConnection } from "../../../src/project/open-connection.ts";

const ELASTIC = "connector.class=io.lenses.streamreactor.connect.elastic7.ElasticSinkConnector\n";
const KCQL = "connect.elastic.kcql=INSERT INTO a SELECT * FROM t\n";

async function imported(text: string): Promise<ImportResult> {
  const result = await importFile("x.properties", text, { dialect: null, name: null, source: null, sink: null, keys: new Map() });
  if ("problems" in result) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return result;
}

async function problems(text: string): Promise<readonly string[]> {
  const result = await importFile("x.json", text, { dialect: null, name: null, source: null, sink: null, keys: new Map() });
  return "problems" in result ? result.problems.map(({ message }) => message) : [];
}

const elastic = (...lines: readonly string[]): Promise<ImportResult> => imported(ELASTIC + KCQL + lines.join("\n"));
const noteOn = ({ notes }: ImportResult, subject: string) => notes.find((note) => note.subject === subject);
const settingsOf = ({ connections }: ImportResult, at: number) =>
  Object.fromEntries([...(connections[at]?.settings ?? [])].map(([key, { value }]) => [key, value]));

describe("connectors", () => {
  it.each([
    ["error.policy", "NOOP", "SET 'error.policy' = 'noop';"],
    ["max.retries", "-1", "SET 'max.retries' = 2147483647;"],
    ["retry.interval", "1500", "SET 'retry.interval' = '1500ms';"],
    ["batch.size", "500", "BATCH = 500;"],
  ])("carry over %s = %s", async (name, value, expected) => {
    expect((await elastic(`connect.elastic.${name}=${value}`)).pipeline).toContain(expected);
  });

  it("carry over what Kafka Connect says of every sink", async () => {
    const result = await elastic(
      "tasks.max=100",
      "consumer.override.auto.offset.reset=latest",
      "errors.deadletterqueue.topic.name=dead",
      "key.converter=org.apache.kafka.connect.json.JsonConverter",
      "consumer.override.bootstrap.servers=k1:9092,k2:9092",
    );
    expect(result.pipeline).toContain("SET 'parallelism' = 64;\n\nSET 'start' = 'latest';\n\nSET 'dead.letters' = 'kafka.dead';");
    expect(result.pipeline).toContain("CREATE STREAM t\nWITH (connection = 'kafka', key_format = 'json');");
    expect(settingsOf(result, 0)).toEqual({ brokers: "k1:9092,k2:9092" });
    expect(result.diagnostics).toEqual([]);
  });

  it("say so where a format cannot be read yet", async () => {
    const { diagnostics } = await elastic("value.converter=io.confluent.connect.avro.AvroConverter");
    expect(diagnostics).toEqual([
      expect.objectContaining({ code: "NOT_SUPPORTED_YET", message: "the value format 'avro' is not supported yet" }),
    ]);
  });

  it("find the servers of Elasticsearch", async () => {
    const nodes = async (...lines: readonly string[]): Promise<unknown> => settingsOf(await elastic(...lines), 1)["nodes"];
    expect(await nodes()).toEqual(["http://localhost:9200"]);
    expect(await nodes("connect.elastic.hosts=a,b", "connect.elastic.port=9300", "connect.elastic.tableprefix=es")).toEqual([
      "http://a:9200/es",
      "http://b:9200/es",
    ]);
    expect(await nodes("connect.elastic.url=a:9300")).toEqual(["http://a:9200"]);
  });

  it("write secrets nowhere: not from addresses, and not from options that are commented out", async () => {
    const result = await elastic(
      "# connect.elastic.use.http.password = geheim1",
      "# or connect.elastic.url=https://u:geheim2@es",
      "connect.elastic.url=https://u:geheim3@es:9200,https://u:geheim3@es2:9200",
      "tasks.max=1",
    );
    expect(settingsOf(result, 1)).toEqual({
      nodes: ["https://es:9200", "https://es2:9200"],
      username: "u",
      password: "${ELASTIC_PASSWORD}",
    });
    const { text } = mergeConnections(null, result.connections, false);
    expect(JSON.stringify(result) + text).not.toContain("geheim");
    expect(result.pipeline + text).toContain("connect.elastic.use.http.password = …");
  });

  it("mend the year of a day's suffix, not that of a week's", async () => {
    const suffix = async (text: string): Promise<string | undefined> =>
      /WITHINDEXSUFFIX = (.*);/.exec(
        (await imported(`${ELASTIC}connect.elastic.kcql=INSERT INTO a SELECT * FROM t WITHINDEXSUFFIX=${text}`)).pipeline,
      )?.[1];
    expect(await suffix("_{YYYY-MM-dd}")).toBe("_{yyyy-MM-dd}");
    expect(await suffix("_{YYYY-ww}")).toBe("_{YYYY-ww}");
  });

  it("take milliseconds for milliseconds", async () => {
    const result = await elastic("connect.elastic.write.timeout=900000");
    expect(settingsOf(result, 1)).toMatchObject({ requestTimeoutMs: 600_000 });
    expect(noteOn(result, "connect.elastic.write.timeout")).toMatchObject({ outcome: "differs", line: 3 });
  });

  it("warn of what has no counterpart, with its line", async () => {
    const result = await elastic("transforms=a", "transforms.a.type=x", "topics.regex=t.*", "no.such.option=1", "max.x=1", "max.x=2");
    const dropped = result.notes.filter(({ outcome }) => outcome === "dropped").map(({ subject, line }) => [subject, line]);
    expect(dropped).toEqual([
      ["transforms", 3],
      ["transforms.a.type", 4],
      ["topics.regex", 5],
      ["no.such.option", 6],
      ["max.x", 7],
      ["max.x", 8],
    ]);
  });

  it("compare the topics with the routes", async () => {
    expect(noteOn(await elastic("topics=t,u"), "topics")).toMatchObject({ outcome: "dropped", message: "no route reads u" });
    expect(noteOn(await elastic("topics=t"), "topics")).toMatchObject({ outcome: "carried" });
  });

  it("keep names of connections out of targets", async () => {
    const { pipeline, diagnostics } = await imported(`${ELASTIC}connect.elastic.kcql=INSERT INTO kafka.errors SELECT * FROM t`);
    expect(pipeline).toContain("INSERT INTO elastic.kafka.errors\n");
    expect(diagnostics).toEqual([]);
  });

  it("tell the Cassandra sinks apart by class, and by options where there is none", async () => {
    const kcql = "connect.cassandra.kcql=INSERT INTO t SELECT a FROM b PK a\n";
    const title = async (lines: string): Promise<string> => (await imported(kcql + lines)).pipeline.split("\n")[0] ?? "";
    expect(await title("connector.class=io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector")).toContain("release 10");
    expect(await title("connector.class=com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector")).toContain(
      "before 10",
    );
    expect(await title("connect.cassandra.key.space=k")).toContain("before 10");
    expect(await title("connect.cassandra.load.balancing.local.dc=dc1")).toContain("release 10");
  });

  it("are refused where they are none, or no sinks", async () => {
    expect(await problems('{"a": 1,}')).toEqual([expect.stringContaining("this is no JSON")]);
    expect(await problems("connector.class=org.example.FileSink\n")).toEqual([
      "'org.example.FileSink' is none of the sinks that can be imported",
    ]);
    expect(await problems(ELASTIC)).toEqual(["the routes are missing: connect.elastic.kcql"]);
    expect(await problems(`${ELASTIC}connect.elastic.kcql=SELECT * FROM t\n`)).toEqual(["a route of a sink has a target"]);
  });

  it("give connections that the adapters take", async () => {
    const cassandra =
      "connect.cassandra.key.space=k\nconnect.cassandra.kcql=INSERT INTO t SELECT a FROM b PK a\nconnect.cassandra.read.timeout.ms=5000\n";
    for (const result of [await elastic("connect.elastic.write.timeout=1000"), await imported(cassandra)]) {
      const { text } = mergeConnections(null, result.connections, false);
      const plain = text.replaceAll(/\$\{\w+(?::-([^}]*))?\}/g, "$1");
      for (const connection of parseConfig(plain, "sluice.yaml").connections.values()) await checkConnection(connection);
    }
  });

  it("have a rule for every option that the sinks document", () => {
    const documented = {
      elastic: "protocol hosts port tableprefix cluster.name write.timeout batch.size use.http.username use.http.password pk.separator",
      cassandra: "contact.points port key.space username password consistency.level threadpool.size delete.enabled error.policy",
      sink: "contact.points port load.balancing.local.dc max.batch.size query.timeout.ms auth.username ignore.errors.mode ssl.provider",
    };
    const without = (table: Parameters<typeof ruleFor>[0], prefix: string, names: string): string[] =>
      names.split(" ").filter((name) => ruleFor(table, `connect.${prefix}.${name}`) === null);
    expect(without(ELASTIC_RULES, "elastic", documented.elastic)).toEqual([]);
    expect(without(CASSANDRA_RULES, "cassandra", documented.cassandra)).toEqual([]);
    expect(without(CASSANDRA_SINK_RULES, "cassandra", documented.sink)).toEqual([]);
  });
});

describe("mergeConnections", () => {
  it("adds to a configuration and keeps its comments", async () => {
    const { connections } = await elastic("# of the cluster", "connect.elastic.hosts=es");
    const existing = "# ours\nconnections:\n  # the bus\n  kafka:\n    kind: kafka\n    brokers: b:1\n";
    const { text, added, kept } = mergeConnections(existing, connections, false);
    expect([added, kept]).toEqual([["elastic"], ["kafka"]]);
    expect(text.startsWith(existing)).toBe(true);
    expect(text).toContain("  elastic:\n    kind: elasticsearch\n    # of the cluster\n    nodes:\n      - http://es:9200\n");
    expect(mergeConnections(existing, connections, true).added).toEqual(["kafka", "elastic"]);
  });
});
