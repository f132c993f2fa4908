import { parentPort, workerData } from "node:worker_threads";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";

/** Another thread: appends a record to topic `t` of a directory whenever it is told to. */
const connection = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, workerData as string, systemClock);
parentPort?.on("message", (text: string) => {
  if (text === "") void connection.close().then(() => parentPort?.close());
  else void connection.source.append("t", [{ key: null, value: Buffer.from(text), timestampMs: 1_700_000_000_000 }]);
});
