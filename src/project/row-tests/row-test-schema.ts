import { type Static, Type } from "typebox";

/** What a file of row tests looks like. Editors read it as docs/operations/row-test.schema.json. */

const Closed = { additionalProperties: false };

const Time = Type.Union([Type.String(), Type.Integer()], {
  description: "a time in ISO 8601 (UTC unless it says otherwise), or milliseconds since 1970",
});
const Variables = Type.Record(Type.String({ pattern: "^\\w+$" }), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
  description: "texts by name: what ${name} stands for in the query and the catalog, in place of what sluice.yaml says",
});
const Headers = Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]));

const GivenRecord = Type.Object(
  {
    fixture: Type.Optional(Type.String({ description: "the name of a fixture, whose records take the place of this one" })),
    key: Type.Optional(
      Type.Unknown({ description: "a text, or a value in the key's format; left out, it is the field that the stream names as its key" }),
    ),
    value: Type.Optional(Type.Unknown({ description: "a value in the stream's format; null is a tombstone" })),
    text: Type.Optional(Type.String({ description: "a text that takes the place of the value as it is: broken JSON, for example" })),
    headers: Type.Optional(Headers),
    timestamp: Type.Optional(Time),
    partition: Type.Optional(Type.Integer({ minimum: 0, maximum: 999, description: "a partition; left out, it is 0 whatever the key" })),
  },
  { ...Closed, description: "a record" },
);
const GivenRecords = Type.Array(GivenRecord, { description: "a list of records" });

const Row = Type.Record(Type.String(), Type.Unknown(), {
  description: "a row by its columns, _key being its id; of a topic a record: key, value, headers, timestamp, partition",
});
const Rows = Type.Array(Row, { description: "a list of rows" });
const Expectation = Type.Union(
  [
    Rows,
    Type.Object(
      {
        exactly: Type.Optional(Rows),
        contains: Type.Optional(Rows),
        order: Type.Optional(
          Type.Enum(["given", "any"], {
            description: "given or any; left out, the order of a topic's records counts and that of rows does not",
          }),
        ),
      },
      Closed,
    ),
    Type.Null(),
  ],
  { description: "a list of rows, or exactly, contains and order" },
);

const ExpectedError = Type.Object(
  {
    code: Type.String({ description: "a code of docs/errors.md" }),
    message: Type.Optional(Type.String({ description: "a text that the message has in it" })),
    statement: Type.Optional(Type.String()),
    topic: Type.Optional(Type.String()),
    partition: Type.Optional(Type.Integer({ minimum: 0 })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { ...Closed, description: "an error" },
);

const STEP = {
  given: Type.Optional(
    Type.Record(Type.String(), GivenRecords, {
      description: "records by topic, and rows by table that is looked up, which are written before the query runs",
    }),
  ),
  now: Type.Optional(
    Type.Union([Type.String(), Type.Integer()], {
      description: "a time that the clock shows while the step's records are read; left out, it is that of the latest record",
    }),
  ),
  advance: Type.Optional(
    Type.Union([Type.String(), Type.Integer()], {
      description: "a duration by which the clock and stream time go on (5m), or a time to which they do",
    }),
  ),
  watermark: Type.Optional(
    Type.Union([Time, Type.Record(Type.String({ pattern: "^\\d{1,3}$" }), Time)], {
      description: "a time to which stream time goes on, or times by partition; the clock stays",
    }),
  ),
  idle: Type.Optional(
    Type.String({ description: "a duration in which nothing comes (30s): the clock goes on, and stream time as idle.timeout says" }),
  ),
  close: Type.Optional(Type.Boolean({ description: "true: windows that are open are emitted and closed, as run --close does" })),
  expect: Type.Optional(
    Type.Record(Type.String(), Expectation, {
      description: "rows by target: what an index or table holds behind the step, what was written to a topic in it",
    }),
  ),
  deadLetters: Type.Optional(Type.Array(Row, { description: "a list of the step's dead letters, each with some of its fields" })),
  errors: Type.Optional(Type.Array(ExpectedError, { description: "a list of what stops statements; left out, nothing does" })),
  counts: Type.Optional(
    Type.Record(Type.String(), Type.Record(Type.String(), Type.Integer({ minimum: 0 })), {
      description: "counters by statement since the test began: in, applied, filtered, late, deadLettered, written and others",
    }),
  ),
};
const Step = Type.Object(STEP, { ...Closed, description: "a step" });

const Case = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    variables: Type.Optional(Variables),
    ...STEP,
    steps: Type.Optional(Type.Array(Step, { description: "a list of steps, one after the other; in place of a single one" })),
  },
  { ...Closed, description: "a test" },
);

export const RowTests = Type.Object(
  {
    query: Type.Optional(Type.String({ description: "the query's file, from here; left out: NAME.sql beside NAME.test.yaml" })),
    variables: Type.Optional(Variables),
    fixtures: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([GivenRecords, Type.String()], { description: "a list of records, or a file of NDJSON from here" }),
      ),
    ),
    tests: Type.Array(Case, { description: "a list of tests" }),
  },
  { ...Closed, title: "Row tests of a Sluice query", description: "a map with tests" },
);

export type GivenRecord = Static<typeof GivenRecord>;
export type ExpectedRow = Static<typeof Row>;
export type Expectation = Static<typeof Expectation>;
export type ExpectedError = Static<typeof ExpectedError>;
export type Step = Static<typeof Step>;
export type Case = Static<typeof Case>;
export type RowTests = Static<typeof RowTests>;
