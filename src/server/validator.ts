import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/** What stands in a URL or a header is text: numbers and defaults are made of it. */
const ofText = new Ajv({ coerceTypes: "array", useDefaults: true, allErrors: false });
/** A body means what it says. */
const ofBody = new Ajv({ useDefaults: true, allErrors: false });
for (const ajv of [ofText, ofBody]) addFormats.default(ajv);

/** Checks one part of requests against its schema. */
export function compileValidator({
  schema,
  httpPart,
}: {
  readonly schema: unknown;
  readonly httpPart?: string | undefined;
}): ValidateFunction {
  return (httpPart === "body" ? ofBody : ofText).compile(schema as object);
}
