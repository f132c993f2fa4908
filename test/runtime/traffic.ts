import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { parseJournalKey } from "../../src/state/journal/keys.ts";
import { withParts, withSinks } from "../property/wrap-connection.ts";

/** Counts what goes to targets and to the state log; a state log that is cut off takes no blob. */
export class Traffic {
  writes = 0;
  blobs = 0;
  isCut = false;

  wrap = (connection: Connection): Connection =>
    withParts(
      withSinks(connection, (_target, sink) => ({
        write: (...given) => {
          this.writes++;
          return sink.write(...given);
        },
        close: () => sink.close(),
      })),
      {
        openStateLog: async (pipeline, partitions) => {
          const log = must(await connection.openStateLog(pipeline, partitions));
          return withParts(log, {
            append: async (partition, generation, entries) => {
              const blobs = entries.filter(({ key }) => parseJournalKey(key)?.kind === "blob").length;
              if (blobs > 0 && this.isCut) throw new SluiceError("STATE_FENCED", "cut off");
              this.blobs += blobs;
              await log.append(partition, generation, entries);
            },
          });
        },
      },
    );
}
