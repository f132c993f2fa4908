import { createDecoder } from "../adapters/codecs/create-decoder.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { systemRandom } from "../adapters/system-random.ts";
import type { Environment } from "../runtime/environment.ts";
import { openConnection } from "./open-connection.ts";

/** The outside as pipelines meet it in a real process. */
export const environment: Environment = {
  clock: systemClock,
  random: systemRandom,
  createDecoder,
  openConnection: (config, dataDirectory, onTrouble) =>
    openConnection(config, { clock: systemClock, random: systemRandom, dataDirectory, onTrouble }),
};
