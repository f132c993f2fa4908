import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventKind } from "./events.ts";
import { q0 } from "./expected/q0.ts";
import { q1 } from "./expected/q1.ts";
import { q2 } from "./expected/q2.ts";
import { q3 } from "./expected/q3.ts";
import { q4 } from "./expected/q4.ts";
import { q5 } from "./expected/q5.ts";
import { q7 } from "./expected/q7.ts";
import { q8 } from "./expected/q8.ts";
import { q9 } from "./expected/q9.ts";
import { q11 } from "./expected/q11.ts";
import { q12 } from "./expected/q12.ts";
import { q13 } from "./expected/q13.ts";
import { q14 } from "./expected/q14.ts";
import { q15 } from "./expected/q15.ts";
import { q16 } from "./expected/q16.ts";
import { q17 } from "./expected/q17.ts";
import { q18 } from "./expected/q18.ts";
import { q19 } from "./expected/q19.ts";
import { q20 } from "./expected/q20.ts";
import { q21 } from "./expected/q21.ts";
import { q22 } from "./expected/q22.ts";
import type { Expected } from "./expected/row.ts";
import type { Layout } from "./topics.ts";

export interface NexmarkQuery {
  /** Also of its target and its file. */
  readonly name: string;
  readonly asks: string;
  readonly layout: Layout;
  readonly reads: readonly EventKind[];
  readonly expected: Expected;
  /** Of rows with equal values here the last one counts; null: every row counts. */
  readonly id: readonly string[] | null;
  /** In which its form differs from that of the benchmark; null: in nothing but spelling. */
  readonly difference: string | null;
}

const repartitioned = "bids are written again into a topic of their grouping";
const fromTable = "a join with a table, where the benchmark joins two streams without a bound in time: one side never changes";

export const QUERIES: readonly NexmarkQuery[] = [
  { name: "q0", asks: "pass-through", layout: "items", reads: ["bid"], expected: q0, id: null, difference: null },
  { name: "q1", asks: "currency conversion", layout: "items", reads: ["bid"], expected: q1, id: null, difference: null },
  { name: "q2", asks: "selection", layout: "items", reads: ["bid"], expected: q2, id: null, difference: null },
  { name: "q3", asks: "local items", layout: "people", reads: ["person", "auction"], expected: q3, id: ["id"], difference: fromTable },
  {
    name: "q4",
    asks: "average price for a category",
    layout: "items",
    reads: ["auction", "bid"],
    expected: q4,
    id: ["category"],
    difference: `${fromTable}; the highest bids are a table of their own, and averages are not rounded`,
  },
  {
    name: "q5",
    asks: "hot items",
    layout: "items",
    reads: ["bid"],
    expected: q5,
    id: ["auction", "window_start"],
    difference: "the first by RANK, where the benchmark joins the counts with their maximum; the counts are a topic of one partition",
  },
  {
    name: "q7",
    asks: "highest bid",
    layout: "single",
    reads: ["bid"],
    expected: q7,
    id: null,
    difference: "the maximum is a topic, which is joined with the bids",
  },
  {
    name: "q8",
    asks: "new users",
    layout: "people",
    reads: ["person", "auction"],
    expected: q8,
    id: ["id"],
    difference: "rows that meet WITHIN the size of the window and are in the same one, where the benchmark joins two windows",
  },
  { name: "q9", asks: "winning bids", layout: "items", reads: ["auction", "bid"], expected: q9, id: ["id"], difference: fromTable },
  { name: "q11", asks: "user sessions", layout: "people", reads: ["bid"], expected: q11, id: null, difference: null },
  { name: "q12", asks: "windows of processing time", layout: "people", reads: ["bid"], expected: q12, id: null, difference: null },
  {
    name: "q13",
    asks: "side input",
    layout: "single",
    reads: ["bid"],
    expected: q13,
    id: null,
    difference: "the side input is a topic, not a file",
  },
  {
    name: "q14",
    asks: "calculation",
    layout: "items",
    reads: ["bid"],
    expected: q14,
    id: null,
    difference: "functions of the language, where the benchmark brings its own",
  },
  { name: "q15", asks: "statistics of a day", layout: "items", reads: ["bid"], expected: q15, id: ["day"], difference: repartitioned },
  {
    name: "q16",
    asks: "statistics of a channel and day",
    layout: "items",
    reads: ["bid"],
    expected: q16,
    id: ["channel", "day"],
    difference: repartitioned,
  },
  {
    name: "q17",
    asks: "statistics of an auction and day",
    layout: "items",
    reads: ["bid"],
    expected: q17,
    id: ["auction", "day"],
    difference: null,
  },
  { name: "q18", asks: "last bid", layout: "items", reads: ["bid"], expected: q18, id: ["auction", "bidder"], difference: null },
  { name: "q19", asks: "auction top 10", layout: "items", reads: ["bid"], expected: q19, id: ["auction", "place"], difference: null },
  {
    name: "q20",
    asks: "bids with their auctions",
    layout: "items",
    reads: ["auction", "bid"],
    expected: q20,
    id: null,
    difference: fromTable,
  },
  { name: "q21", asks: "channel id", layout: "items", reads: ["bid"], expected: q21, id: null, difference: null },
  { name: "q22", asks: "parts of addresses", layout: "items", reads: ["bid"], expected: q22, id: null, difference: null },
];

/** Of a query that writes for itself: its topics and their numbers of partitions. */
export interface OwnTopic {
  readonly name: string;
  readonly partitions: number;
}

export function queryText({ name }: NexmarkQuery): string {
  return readFileSync(join(import.meta.dirname, `${name}.sql`), "utf8");
}

export function ownTopics(query: NexmarkQuery): readonly OwnTopic[] {
  const created = queryText(query).matchAll(/^CREATE \w+ (\w+) [^;]*partitions = (\d+)/gm);
  return [...created].map(([, name = "", partitions]) => ({ name, partitions: Number(partitions) }));
}

/**
 * A text for each INSERT of a query, with all that is declared: run one after the other, what a statement reads of another one is
 * whole before it begins. Beside each other a join would not wait for what is still to be computed.
 */
export function pipelineTexts(query: NexmarkQuery): readonly string[] {
  const statements = queryText(query).split(/(?<=;)\n/);
  const isInsert = (text: string): boolean => /^INSERT/m.test(text);
  const declared = statements.filter((text) => !isInsert(text));
  return statements.filter(isInsert).map((insert) => [...declared, insert].join("\n"));
}
