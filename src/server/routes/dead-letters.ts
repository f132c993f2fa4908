import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import { deadLetterTargets, type FoundLetter, findDeadLetters } from "../../fleet/dead-letters.ts";
import { cursorText, readPlace, readRedriveCursor } from "../../fleet/letter-place.ts";
import { redrive } from "../../fleet/redrive.ts";
import { redrivingOf } from "../../fleet/redriving.ts";
import { existing, PipelineParams, planned } from "../pipeline-resource.ts";
import { problem } from "../problem.ts";
import { Count, Nullable, Time } from "../schemas.ts";
import type { ServerContext } from "../server-context.ts";
import { withConnections } from "../with-connections.ts";

export const DeadLetter = Type.Object({
  statement: Type.String(),
  topic: Type.String({ description: "Where the record is, with partition and offset." }),
  partition: Count,
  offset: Count,
  step: Type.String({ description: "`read`, `write ID` of a change that the target refused, or `result GROUP`." }),
  code: Type.String(),
  error: Type.String(),
  attempts: Type.Integer({ description: "How often it was tried." }),
  version: Type.Number({ description: "Of the record, or of the refused change." }),
  at: Nullable(Type.String({ description: "The record's timestamp." })),
  key: Nullable(Type.String({ description: "Of the record. What is no text begins with `base64:`." })),
  value: Nullable(Type.String()),
  headers: Nullable(Type.String({ description: "As they stand in the record, in base64." })),
  document: Nullable(Type.String({ description: "What the target refused." })),
  kept: Type.String({ description: "What there is of the record: `record` all of it, `masked`, `part` as it is long, or `none`." }),
  redrivenAt: Type.Optional(Time),
  redrive: Type.Object({
    sends: Type.Union([Type.Literal("record"), Type.Literal("result"), Type.Literal("nothing")], {
      description: "What a redrive does: it puts the `record` back, sends the refused `result` again, or `nothing`.",
    }),
    why: Type.Optional(Type.String({ description: "Of `nothing`." })),
  }),
});

export type DeadLetter = Static<typeof DeadLetter>;

const KeptIn = Type.Object({ connection: Type.String(), kind: Type.String(), name: Type.String() });

const Filter = {
  statement: Type.Optional(Type.String()),
  code: Type.Optional(Type.String({ description: "Of docs/errors.md." })),
};
const List = Type.Object({
  ...Filter,
  redriven: Type.Optional(Type.Boolean({ description: "Whether it was redriven; left out: either." })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  after: Type.Optional(Type.String({ description: "The `next` of another page, with the same filter: those behind it." })),
});
const WANTED_MAX = 1000;
/** In one call: for each one all letters are read. */
const REDRIVEN_MAX = 5000;
const Part = Type.Optional(Nullable(Type.String({ description: "What takes its place; `base64:…` for bytes." })));
const Redrive = Type.Object(
  {
    ...Filter,
    records: Type.Optional(
      Type.Array(
        Type.Object({ topic: Type.String(), partition: Count, offset: Count, key: Part, value: Part }, { additionalProperties: false }),
        { maxItems: WANTED_MAX, description: "These alone, where they have letters; mended, where a key or value is given." },
      ),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, description: `Records and results at most; never more than ${REDRIVEN_MAX} in a call.` }),
    ),
    after: Type.Optional(Type.String({ description: "The `next` of another call, with the same filter: it goes on there." })),
  },
  { additionalProperties: false, examples: [{ code: "RECORD_TYPE", limit: 100 }] },
);

const FAULTS = { 400: Type.Ref("Problem"), 404: Type.Ref("Problem"), 422: Type.Ref("Problem"), 503: Type.Ref("Problem") };

/** Records that statements could not take: looking at them, and giving them another try. */
export const deadLetterRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const params = PipelineParams;

    const list = {
      operationId: "listDeadLetters",
      summary: "Dead letters of a pipeline, the latest first",
      params,
      querystring: List,
      response: {
        200: Type.Object({
          items: Type.Array(DeadLetter),
          next: Type.Optional(Type.String({ description: "There are more: `after` this one." })),
          keptIn: Type.Array(KeptIn, { description: "Where its statements keep them." }),
        }),
        ...FAULTS,
      },
    };
    scope.get("/pipelines/:name/deadletters", { schema: list, config: { role: "operator" } }, async ({ params: { name }, query }) => {
      const plan = planned(context, existing(context, name));
      const after = cursorOf(query.after, readPlace);
      const { found, next } = await withConnections(context, (live) => findDeadLetters(plan, query, { after, limit: query.limit }, live));
      return {
        items: found.map(shown),
        ...(next === null ? {} : { next: cursorText(next) }),
        keptIn: [...deadLetterTargets(plan)],
      };
    });

    const again = {
      operationId: "redriveDeadLetters",
      summary: "Puts the records of dead letters back onto their topics, and sends refused results again, each once",
      description: `The oldest first. Everything that reads such a topic gets the record again. What a target refused of a group, join or
stage is sent to it again, under the id and version that it had: newer results stay. The letters are marked, so that another call leaves
them out; after a crash in between some records may come twice, and results are there already.`,
      params,
      body: Redrive,
      response: {
        200: Type.Object({
          records: Type.Integer({ description: "Put back." }),
          results: Type.Integer({ description: "Sent again, and taken by their targets." }),
          superseded: Type.Integer({ description: "Results that were there already, or newer ones of the same rows." }),
          refused: Type.Integer({ description: "Results that were refused again: their letters stay, with one try more." }),
          letters: Type.Integer({ description: "Marked as redriven: several may be of one record." }),
          gone: Type.Integer({ description: "Letters whose record is not kept any more, neither there nor here." }),
          unable: Type.Array(Type.Object({ why: Type.String(), letters: Type.Integer() }), {
            description: "Letters that cannot be redriven, by the reason.",
          }),
          next: Type.Optional(Type.String({ description: "There are more: another call goes on `after` this one." })),
        }),
        ...FAULTS,
      },
    };
    let turn: Promise<unknown> = Promise.resolve();
    scope.post("/pipelines/:name/deadletters/redrive", { schema: again, config: { role: "operator" } }, ({ params: { name }, body }) => {
      const plan = planned(context, existing(context, name));
      if (deadLetterTargets(plan).length === 0) {
        throw problem(422, "STATEMENT_INVALID", `'${name}' keeps no dead letters`, "SET 'dead.letters' = 'CONNECTION.TARGET' does that");
      }
      const { statement } = body;
      if (statement !== undefined && !plan.statements.some((one) => one.statement.name === statement)) {
        const hint = `its statements are ${plan.statements.map((one) => one.statement.name).join(", ")}`;
        throw problem(422, "STATEMENT_INVALID", `'${name}' has no statement '${statement}': nobody could take its letters`, hint);
      }
      // One after the other: two at once would put the same records back.
      const { limit = REDRIVEN_MAX, after, ...rest } = body;
      const asked = { ...rest, limit: Math.min(limit, REDRIVEN_MAX), from: cursorOf(after, readRedriveCursor) };
      const done = turn.then(() => withConnections(context, (live) => redrive(plan, asked, live, context.env)));
      turn = done.catch(() => {});
      return done.then(({ next, ...sums }) => (next === null ? sums : { ...sums, next: cursorText(next) }));
    });
  };

/** null: from the beginning. */
function cursorOf<T>(text: string | undefined, read: (text: string) => T | null): T | null {
  const cursor = text === undefined ? null : read(text);
  if (text !== undefined && cursor === null)
    throw problem(422, "USAGE", "'after' is no place in dead letters", "the 'next' of an answer is one");
  return cursor;
}

function shown(found: FoundLetter): DeadLetter {
  const { change: _, ...letter } = found.letter;
  const redriving = redrivingOf(found);
  const { sends } = redriving;
  return { ...letter, redrive: sends === "nothing" ? { sends, why: redriving.why } : { sends } };
}
