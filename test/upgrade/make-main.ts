import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { EarlierRelease } from "./earlier-release.ts";
import { HALVES, pipelines } from "./workload.ts";

/*
 * Makes `test/upgrade/kept`: what a server of an earlier release leaves behind that is killed in the middle of the workload. In a checkout
 * of this release: node test/upgrade/make-main.ts CHECKOUT-OF-THE-EARLIER-ONE
 */

const KEPT = fileURLToPath(new URL("kept/", import.meta.url));
const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  topics: { kind: embedded, as: kafka }
defaults: { source: topics, sink: elastic }
`;

const [checkout] = process.argv.slice(2);
if (checkout === undefined) throw new Error("which checkout of the earlier release?");
const folder = mkdtempSync(join(tmpdir(), "sluice-upgrade-"));
writeFileSync(join(folder, "sluice.yaml"), CONFIG);
const texts = pipelines("topics");
mkdirSync(join(folder, "queries"));
writeFileSync(join(folder, "queries/catalog.sql"), [...texts.values()][0]?.split("SET ")[0] ?? "");
const earlier = new EarlierRelease(checkout, folder);

for (const topic of ["readings", "alarms", "devices"]) {
  const rows = HALVES[0].filter((row) => row.topic === topic);
  const produce = earlier.start("produce", topic, "--key", "device", "--timestamp", "at");
  produce.stdin?.end(rows.map(({ value }) => `${JSON.stringify(value)}\n`).join(""));
  const code = await new Promise((resolve) => produce.once("close", resolve));
  if (code !== 0) throw new Error(`produce ended with ${code}`);
}

process.stdout.write(`${await earlier.workOff(texts)}\n`);
rmSync(KEPT, { recursive: true, force: true });
mkdirSync(KEPT);
for (const file of ["catalog.log", "catalog.size", "sluice.db", "sluice.db-wal"])
  cpSync(join(folder, "data", file), join(KEPT, file), { errorOnExist: true });
const database = new DatabaseSync(join(KEPT, "sluice.db"));
database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM");
database.close();
rmSync(folder, { recursive: true });
