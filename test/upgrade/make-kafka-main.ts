import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { must } from "../../src/assert.ts";
import { ClusterAdmin } from "../services/kafka/cluster-admin.ts";
import { ensure, wipe } from "../services/launcher/launcher.ts";
import { openStore } from "../services/open-store.ts";
import { EarlierRelease } from "./earlier-release.ts";
import { COPIES, kafkaConfig, kafkaPipelines } from "./kafka-workload.ts";
import { linesOf } from "./kept-topics.ts";
import { appendRows, HALVES } from "./workload.ts";

/*
 * Makes `test/upgrade/kept-kafka`: what a server of an earlier release leaves behind in a real Kafka, and of indexes, that is killed in
 * the middle of the workload. In a checkout of this release: node test/upgrade/make-kafka-main.ts CHECKOUT-OF-THE-EARLIER-ONE
 */

const KEPT = fileURLToPath(new URL("kept-kafka/", import.meta.url));
const INSTANCE = "kafka-kept";

const [checkout] = process.argv.slice(2);
if (checkout === undefined) throw new Error("which checkout of the earlier release?");
const folder = mkdtempSync(join(tmpdir(), "sluice-upgrade-"));
const { address } = await ensure("kafka", { instance: INSTANCE });
const admin = new ClusterAdmin([address]);
const kafka = await openStore("kafka", { brokers: [address] });
try {
  const source = must(kafka.source);
  writeFileSync(join(folder, "sluice.yaml"), kafkaConfig([address], "platformatic"));
  await appendRows(source, HALVES[0]);
  // The declarations have two of each.
  for (const topic of ["minutes", COPIES]) await source.createTopic(topic, { partitions: 2 });
  process.stdout.write(`${await new EarlierRelease(checkout, folder).workOff(kafkaPipelines())}\n`);
  rmSync(KEPT, { recursive: true, force: true });
  mkdirSync(KEPT);
  const lines: string[] = [];
  for await (const line of linesOf(source, admin)) lines.push(line);
  writeFileSync(join(KEPT, "topics.jsonl.gz"), gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
  for (const file of ["sluice.db", "sluice.db-wal"]) cpSync(join(folder, "data", file), join(KEPT, file), { errorOnExist: true });
  const database = new DatabaseSync(join(KEPT, "sluice.db"));
  database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM");
  database.close();
} finally {
  await Promise.all([kafka.close(), admin.close()]);
  await wipe("kafka", INSTANCE);
  rmSync(folder, { recursive: true });
}
