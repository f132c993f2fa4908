import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../open-store.ts";
import { documentsOf } from "../read-back.ts";

/*
 * A process with one connection to a node, which is asked until it has answered, failed, and answered again. Then the connection is
 * closed, and the process ends by itself: node test/services/cassandra/outliving-main.ts ADDRESS DATA-CENTRE
 */
const [address = "", localDataCenter] = process.argv.slice(2);
const connection = await openStore("cassandra", { contactPoints: [address], localDataCenter, requestTimeoutMs: 2000 });
const answers = (): Promise<boolean> =>
  documentsOf(connection, "system.local").then(
    () => true,
    () => false,
  );
for (const wanted of [true, false, true]) {
  while ((await answers()) !== wanted) await sleep(100);
  process.stdout.write(wanted ? "answers\n" : "is away\n");
}
await connection.close();
