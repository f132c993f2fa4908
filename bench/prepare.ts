import { mkdirSync } from "node:fs";
import { type Broker, brokerMissing, startBroker } from "./broker.ts";
import { prepareDataSet } from "./data/prepare-data-set.ts";
import type { Peer } from "./engines/peers.ts";
import { runReader } from "./engines/reader.ts";
import { PATHS, ROOT } from "./paths.ts";
import { peersMissing, preparePeers } from "./prepare-peers.ts";
import type { RunDefinition } from "./run.ts";

/** Makes what the runs need and is not there: peers, broker, data. `address` is that of a broker that is there already, or null. */
export async function prepare(
  definitions: readonly RunDefinition[],
  messages: number,
  address: string | null,
  say: (line: string) => void,
): Promise<Broker> {
  mkdirSync(PATHS.home, { recursive: true });
  const peers = definitions.map(({ engine }) => engine).filter((engine): engine is Peer => engine !== "sluice");
  if (address === null) {
    const missing = await brokerMissing();
    if (missing !== null) {
      throw new Error(
        `${missing}, so there is no broker of our own. Runs of Sluice need neither on another: --broker HOST:PORT --only ^sluice`,
      );
    }
  }
  if (peers.length > 0) {
    const missing = await peersMissing();
    if (missing !== null) throw new Error(`${missing}, so the peers cannot run (17 to 21 is wanted). Runs of Sluice can: --only ^sluice`);
    await preparePeers(peers, say);
  }
  const broker = address === null ? await startBroker(say) : { address, pid: null, isFresh: false };
  for (const name of new Set(definitions.map((definition) => definition.dataSet))) {
    await prepareDataSet(broker.address, name, messages, say);
  }
  if (broker.isFresh && definitions.some((definition) => definition.dataSet === "standard")) {
    say("warming the broker up");
    await runReader({ broker, messages, verify: false, root: ROOT });
  }
  return broker;
}
