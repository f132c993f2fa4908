import type { ChangeBatch } from "../../model/change.ts";
import type { Origin, Sink, WriteResult } from "../../ports/sink.ts";
import { type BulkRoute, BulkWrite } from "./bulk-write.ts";

/**
 * Writes the changes of one route as bulk requests. The version of a change is the document's external version, so that
 * any repeat is refused by the server as superseded, whoever sends it and whenever.
 *
 * INSERT and UPSERT do the same: the whole document is replaced. Elasticsearch takes no external version with `update`, and
 * without one a change that is sent again would undo a later one; so the columns that an UPSERT does not name do not survive.
 */
export class ElasticsearchSink implements Sink {
  readonly spreads = true;
  private readonly route: BulkRoute;

  constructor(route: BulkRoute) {
    this.route = route;
  }

  write(batch: ChangeBatch, _origin: Origin, signal: AbortSignal, stopsAtRefusal = false): Promise<WriteResult> {
    return new BulkWrite(this.route, batch, signal, stopsAtRefusal).run();
  }

  async close(): Promise<void> {
    await this.route.retiring?.close();
  }
}
