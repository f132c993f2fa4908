import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";

/** A process of its own: appends `count` records to a topic, one by one, and says after each that it is durable. */
const [directory = "", topic = "", name = "", count = "0"] = process.argv.slice(2);
const connection = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, directory, systemClock);
for (let i = 0; i < Number(count); i++) {
  await connection.source.append(topic, [{ key: null, value: Buffer.from(`${name} ${i}`), timestampMs: i }]);
  process.stdout.write(`${i}\n`);
}
await connection.close();
