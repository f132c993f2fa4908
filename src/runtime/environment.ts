import type { SluiceError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Decoder, DecoderOptions } from "../ports/codec.ts";
import type { Connection, ConnectionConfig, TroubleListener } from "../ports/connection.ts";
import type { Random } from "../ports/random.ts";
import type { WorkPlace } from "./work-place.ts";

/** Everything of the outside that a pipeline needs; the only way in for adapters, clock and chance. */
export interface Environment {
  readonly clock: Clock;
  readonly random: Random;
  /** Loads the adapter of that kind and no other; no I/O. Rejects with CONFIG_INVALID. */
  openConnection(config: ConnectionConfig, dataDirectory: string, onTrouble: TroubleListener): Promise<Connection>;
  createDecoder(options: DecoderOptions): Decoder;
  /** Where a thread says what it is at; left out: nobody would see it. */
  readonly place?: WorkPlace;
}

/** What happens while a pipeline runs and somebody should know. */
export interface PipelineEvents {
  /** Something is being retried. */
  trouble(subject: string, message: string): void;
  /** The same of a statement's target: until it is `recovered`, or the statement has failed. */
  unavailable(statement: string, message: string): void;
  recovered(statement: string): void;
  /** Something that is as the statement wants it, and may not be what was meant. */
  notice(statement: string, message: string): void;
  /** A record or change was skipped by policy. */
  skipped(statement: string, error: SluiceError): void;
  /** A record came when all its windows were closed; of those of one batch the first. */
  late(statement: string, error: SluiceError): void;
  /** A statement stopped on a partition. */
  statementFailed(statement: string, error: SluiceError): void;
}
