import type { FieldPath } from "../model/column-batch.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { Format, RecordLayout } from "../model/format.ts";
import type { BoundIdentity, BoundLookup, BoundStatement, FieldRef, StatementSettings } from "../model/statement.ts";
import type { RouteTarget } from "../ports/sink.ts";

/** One statement, ready to run: plain data, so that it can be printed, compared and sent to a worker. */
export interface StatementPlan {
  readonly statement: BoundStatement;
  /** The statement's fields, and those that only the runtime needs (the whole document, the record key). */
  readonly fields: readonly FieldRef[];
  /** Index into `fields` of the whole document where the statement selects `*`, else null. */
  readonly star: number | null;
  /** Identity made of the record key alone, by which a tombstone deletes; null: a tombstone is an error. */
  readonly keyIdentity: BoundIdentity | null;
  /** For each of `fields` the column of the batch that the statement's loop reads: of its source, or of what is joined. */
  readonly columns: readonly number[];
  /** The topics that it reads, in the order of `inputsOf`; columns are those of the fields of whoever reads it. */
  readonly inputs: readonly InputPlan[];
  /** FROM, then each JOIN. */
  readonly sides: readonly SidePlan[];
  /** A stage of WITH, or a sub-query, after FROM; null: a topic. */
  readonly stage: StatementPlan | null;
  /** null: the rows go to whoever asked (`sluice query`). */
  readonly route: RouteTarget | null;
  /** Where dead letters are kept, or null: they are counted only. */
  readonly deadLetterRoute: RouteTarget | null;
  /** Where late records go; null: they are counted only. */
  readonly late: LatePlan | null;
  /** Equal fingerprints: the kept state fits (`runtime.md` §4). */
  readonly fingerprint: string;
  readonly beginning: Beginning;
  /** Of a statement that is repartitioned, and is two; left out: it is one. */
  readonly repartition?: RepartitionStage;
  /** By input: partitions of the topic, all of which are read as one log (decision 0019); left out: each partition is by itself. */
  readonly gathered?: readonly number[];
}

/** What whoever wrote a statement calls it: the stages of one that is repartitioned have names of their own. */
export function writtenName({ statement, repartition }: Pick<StatementPlan, "statement" | "repartition">): string {
  return repartition?.of ?? statement.name;
}

/** Whether rows of it are written with its state, in one transaction: where it is two, late ones are the first one's. */
export function isTransactional({ route, late }: Pick<StatementPlan, "route" | "late">): boolean {
  return [route, late?.route].some((target) => target?.transactionOf !== undefined);
}

/** What it does of an aggregate whose groups lie in several partitions; `partitions`: of the source, and of the internal topic between. */
export interface RepartitionStage {
  /** The name of the statement that the stages are. */
  readonly of: string;
  readonly kind: "partials" | "merging";
  readonly partitions: number;
}

/** What a statement reads by FROM, or joins. */
export interface SidePlan {
  /** Stands between inputs and statement; null: a topic. */
  readonly stage: StatementPlan | null;
  /** Index into `inputs`: of the topic, or of the first one that the stage reads. */
  readonly input: number;
  /** For each of the statement's `fields` the column of what the side gives; -1: it is a field of another side. */
  readonly columns: readonly number[];
}

/** One of the topics that a statement reads. */
export interface InputPlan {
  /** Index into `PipelinePlan.sources`. */
  readonly source: number;
  /** For each of the statement's `fields` the column of the source's batch; -1: it is a field of another input. */
  readonly columns: readonly number[];
}

/** Late records go to a target of their own, as they are. */
export interface LatePlan {
  readonly route: RouteTarget;
  /** Of records that are late for the statement's windows; null: none is, as streams are joined, which know it before. */
  readonly document: LateDocument | null;
  /** By input, of records that are late for what they are joined to; null: none of that input is. */
  readonly inputs: readonly (LateInput | null)[];
}

export interface LateInput {
  /** Fields of the input, and the columns of its batch that they are. */
  readonly fields: readonly FieldRef[];
  readonly columns: readonly number[];
  readonly document: LateDocument;
}

/** What is kept of a late record. */
export interface LateDocument {
  /** Index into `fields` of the whole document; null: it is made of the columns. */
  readonly whole: number | null;
  readonly columns: readonly { readonly name: string; readonly expr: BoundExpr }[];
}

/** That somebody made the statement begin anew; what is kept of an earlier beginning is dropped where it is found. */
export interface Beginning {
  /** Higher than that of the beginning before; 0: nobody did. */
  readonly count: number;
  readonly from: BeginningPlace;
}

/**
 * With an empty state: `start` where a new statement begins, `here` at the position that it has, `earliest` at the first record,
 * at the first record of a time (milliseconds since 1970), or at an offset by partition; partitions that are not named go on as
 * they are.
 */
export type BeginningPlace =
  | "start"
  | "here"
  | "earliest"
  | { readonly timeMs: number }
  | { readonly offsets: Readonly<Record<number, number>> };

/** A place in every log of a run: the first record of that time (ms since 1970) or of a later one, or an offset of all partitions. */
export type LogPlace = { readonly timeMs: number } | { readonly offset: number };

export const FIRST_BEGINNING: Beginning = { count: 0, from: "earliest" };

/** One topic that a pipeline reads: fetched and scanned once for all its statements. */
export interface SourcePlan {
  readonly connection: string;
  readonly topic: string;
  readonly valueFormat: Format;
  readonly keyFormat: Format;
  readonly layout: RecordLayout;
  /** The union of what the statements need. */
  readonly fields: readonly FieldPath[];
  /** Indexes of the fields whose strings a statement groups by, or asks the same question again and again. */
  readonly interned: readonly number[];
  /** Indexes into `PipelinePlan.statements` of those that read it after FROM. */
  readonly statements: readonly number[];
  /** Declared partition count, to create the topic with where the connection does that on first use. */
  readonly partitions: number | null;
  /** Between the stages of a statement; left out: it is not. */
  readonly isInternal?: true;
  /** What its batches are added to, for the one statement that reads it; left out: nothing. */
  readonly lookups?: readonly LookupPlan[];
}

/** Rows that are looked up for those of a batch: further columns of it. */
export interface LookupPlan extends BoundLookup {
  /** The statement as it is called, and which of its beginnings it is: whose notes say what was looked up. */
  readonly statement: string;
  readonly beginning: number;
  /** The batch's columns behind those that are there already: whether there is a row, then these fields of it. */
  readonly fields: readonly FieldPath[];
  readonly settings: StatementSettings;
}

export interface PipelinePlan {
  readonly name: string;
  /** What the records that it writes call it: another name for each epoch, since readers drop what an origin has written before. */
  readonly origin: string;
  readonly sources: readonly SourcePlan[];
  readonly statements: readonly StatementPlan[];
  /** Connection whose state log keeps this pipeline's cursors and state; null: nothing is kept (ad hoc query). */
  readonly stateConnection: string | null;
}
