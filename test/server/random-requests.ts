import fc from "fast-check";
import { printPipeline } from "../../grammar/print.ts";
import { soup, statement } from "../grammar/arbitraries.ts";

export interface RandomRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** As far as it is looked at. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: JsonSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> };
}
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";
const COUNTED = "INSERT INTO elastic.counted SELECT id, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id;";

const rubbish = fc.string({ unit: "binary", maxLength: 40 });
const name = fc.oneof(
  fc.constantFrom("a", "b", "hot", "readings", "elastic", "embedded", "__proto__", "constructor", "..", "%", "0"),
  rubbish,
);
const sql = fc.oneof(
  fc.constantFrom(HOT, COUNTED, `${HOT}${COUNTED}`, "SELECT * FROM readings LIMIT 1;", "SHOW TOPICS;", "", ";", "(".repeat(500)),
  soup,
  fc.array(statement, { maxLength: 2 }).map((statements) => printPipeline(statements)),
);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(JSON.parse('{"__proto__":{"x":1}}'), null, [], {}, 1e308, -0, "x".repeat(10_000)),
);

/** What the schema asks for, or nearly so. */
function madeFor(schema: JsonSchema | undefined): fc.Arbitrary<unknown> {
  if (schema === undefined) return json;
  const meant = (): fc.Arbitrary<unknown> => {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(madeFor));
    switch (schema.type) {
      case "object": {
        const properties = Object.entries(schema.properties ?? {});
        const members = properties.map(([key, inner]) => [
          key,
          key === "sql" ? fc.oneof({ weight: 9, arbitrary: sql }, json) : madeFor(inner),
        ]);
        return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
          requiredKeys: properties.slice(0, 1).map(([key]) => key),
        });
      }
      case "array":
        return fc.array(madeFor(schema.items), { maxLength: 4 });
      case "integer":
      case "number":
        return fc.oneof(fc.nat(1000), fc.integer(), fc.double());
      case "boolean":
        return fc.boolean();
      case "string":
        return fc.oneof(name, sql, fc.constantFrom("earliest", "latest", "2026-01-01T00:00:00Z", "1", "-1"));
      default:
        return json;
    }
  };
  return fc.oneof({ weight: 12, arbitrary: meant() }, { weight: 1, arbitrary: json });
}

const written = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
/** Lone surrogates, which no URL can have, become what a browser makes of them. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const TYPES = [
  "application/json",
  "application/sql",
  "text/plain",
  "application/json; charset=latin1",
  "multipart/form-data",
  "x",
  "application/x-ndjson",
];
const headerValue = fc.string({ unit: fc.constantFrom(..."azAZ09 \"'*,;:=/%{}[]é"), maxLength: 30 }).map((text) => text.trim());

const headers = fc.record(
  {
    accept: fc.oneof(fc.constantFrom("application/json", "text/event-stream", "*/*", "application/x-ndjson"), headerValue),
    authorization: fc.oneof(fc.constantFrom("Bearer x", "Basic YTpi", "Basic %", "Bearer"), headerValue),
    "if-match": fc.oneof(fc.constantFrom('"1"', "*", 'W/"1"'), headerValue),
    "if-none-match": fc.oneof(fc.constantFrom("*"), headerValue),
    "last-event-id": fc.oneof(fc.constantFrom("0", "-1", "99999999999999999999"), headerValue),
    "idempotency-key": headerValue,
    "x-forwarded-for": headerValue,
  },
  { requiredKeys: [] },
);

function requestOf(path: string, method: string, operation: Operation): fc.Arbitrary<RandomRequest> {
  const parameters = operation.parameters ?? [];
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const pathValues = fc.tuple(
    ...named("path").map(() =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom("a", "b", "hot", "readings") },
        { weight: 3, arbitrary: name },
        { weight: 1, arbitrary: fc.constant("x".repeat(2000)) },
      ),
    ),
  );
  const query = fc.record(
    Object.fromEntries([...named("query").map(({ name: key, schema }) => [key, madeFor(schema)]), ["junk", rubbish]]),
    { requiredKeys: [] },
  );
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = fc.oneof(
    { weight: 8, arbitrary: madeFor(schema).map((value) => ({ type: "application/json", body: JSON.stringify(value) })) },
    { weight: 6, arbitrary: sql.map((text) => ({ type: "application/sql", body: text })) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...TYPES), sql).map(([type, text]) => ({ type, body: text })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...TYPES), fc.uint8Array({ maxLength: 60 }))
        .map(([type, bytes]) => ({ type, body: Buffer.from(bytes) })),
    },
    { weight: 1, arbitrary: fc.constant({ type: "application/json", body: "[".repeat(20_000) }) },
  );
  const hasBody = operation.requestBody !== undefined;
  return fc
    .tuple(pathValues, query, headers, fc.option(body, { freq: hasBody ? 20 : 1, nil: null }))
    .map(([values, asked, given, sent]) => {
      let index = 0;
      const filled = path.replaceAll(/\{\w+\}/g, () => encoded(String(values[index++])));
      const pairs = Object.entries(asked).map(([key, value]) => `${key}=${encoded(written(value))}`);
      const carries = sent !== null && method !== "GET" && method !== "HEAD";
      return {
        method,
        url: pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`,
        headers: { ...given, ...(carries ? { "content-type": sent.type } : {}) },
        body: carries ? sent.body : undefined,
      };
    });
}

const nowhere: fc.Arbitrary<RandomRequest> = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"),
  url: fc.oneof(
    rubbish.map((text) => `/${encoded(text)}`),
    fc.constantFrom("/%", "/%zz", "/v1/pipelines/%00", "//", "/../../etc/passwd", "/v1/pipelines/a/../b", "*", "/docs/../.."),
  ),
  headers,
  body: fc.constant(undefined),
});

/** Requests to every operation there is, and to what there is not. */
export function randomRequests({ paths }: OpenApi): fc.Arbitrary<RandomRequest> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf(path, method.toUpperCase(), operation)),
  );
  return fc.oneof(...operations.map((arbitrary) => ({ weight: 5, arbitrary })), { weight: 8, arbitrary: nowhere });
}
