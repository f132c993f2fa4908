import { join } from "node:path";
import { ensure, missingFor, type Running, release, wipe } from "../../../test/services/launcher/launcher.ts";
import { type Broker, brokerMissing, startBroker } from "../../broker.ts";
import { PATHS } from "../../paths.ts";

const STORES = ["elasticsearch", "cassandra"] as const;

export interface Services {
  readonly broker: Broker;
  readonly elasticsearch: Running;
  readonly cassandra: Running;
}

const instanceOf = (store: (typeof STORES)[number]): string => join(PATHS.home, store);

/** The bench's broker, and empty stores of its own: nothing that a run before has left is in the way. */
export async function startServices(progress: (line: string) => void): Promise<Services> {
  const missing = [await brokerMissing(), ...(await Promise.all(STORES.map(missingFor)))].find((reason) => reason !== null);
  if (missing !== undefined) throw new Error(`the services cannot run here: ${missing}`);
  await Promise.all(STORES.map((store) => wipe(store, instanceOf(store))));
  const start = (store: (typeof STORES)[number]): Promise<Running> => ensure(store, { instance: instanceOf(store), progress });
  const [broker, elasticsearch, cassandra] = await Promise.all([startBroker(progress), start("elasticsearch"), start("cassandra")]);
  return { broker, elasticsearch, cassandra };
}

/** The stores go; the broker stays, as after all benches. */
export async function stopServices(): Promise<void> {
  await Promise.all(STORES.map((store) => release(store, instanceOf(store))));
}
