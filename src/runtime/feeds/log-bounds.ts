import type { LogBounds } from "../../ports/source.ts";
import { type Patience, patiently } from "../patience.ts";
import type { OwnedSource } from "../pipeline-sources.ts";

/** Of the source's partition. */
export function logBounds({ plan, source, description: { name } }: OwnedSource, partition: number, patience: Patience): Promise<LogBounds> {
  return patiently(plan.connection, () => source.bounds(name, partition), patience);
}
