import { Ajv, type ErrorObject } from "ajv";
import { likeliest } from "../../../grammar/nearest.ts";
import { RowTests } from "./row-test-schema.ts";
import type { YamlPath } from "./yaml-source.ts";

/** What does not fit the schema, and where. */
export interface ShapeProblem {
  readonly path: YamlPath;
  readonly message: string;
  readonly hint: string | null;
}

const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(RowTests);

/** In the order of the schema; empty: it fits. */
export function shapeProblems(value: unknown): readonly ShapeProblem[] {
  return validate(value) ? [] : telling(validate.errors ?? []).map(problemOf);
}

/** Of alternatives those errors that belong to the one that was meant; without it, that none was. */
function telling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === "anyOf");
  return errors
    .filter((error) => unions.every((union) => error === union || !isWithin(error, union) || isMeant(error, union, errors)))
    .filter(
      (error) =>
        error.keyword !== "anyOf" || !errors.some((other) => other !== error && isWithin(other, error) && isMeant(other, error, errors)),
    );
}

const isWithin = (error: ErrorObject, union: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${union.schemaPath}/`) && error.instancePath.startsWith(union.instancePath);

function isMeant(error: ErrorObject, union: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const branch = error.schemaPath.slice(0, union.schemaPath.length + 1 + error.schemaPath.slice(union.schemaPath.length + 1).indexOf("/"));
  return !errors.some(
    ({ keyword, instancePath, schemaPath }) =>
      keyword === "type" && instancePath === union.instancePath && schemaPath.startsWith(`${branch}/`),
  );
}

function problemOf({ instancePath, keyword, params, parentSchema, message }: ErrorObject): ShapeProblem {
  const path = pathOf(instancePath);
  const what = (parentSchema as { readonly description?: string } | undefined)?.description;
  switch (keyword) {
    case "additionalProperties": {
      const unknown = String(params["additionalProperty"]);
      const known = Object.keys((parentSchema as { readonly properties: object }).properties);
      const meant = likeliest(unknown, known);
      return {
        path: [...path, unknown],
        message: `'${unknown}' is unknown here`,
        hint: meant === null ? `known are ${known.join(", ")}` : `did you mean ${meant}?`,
      };
    }
    case "required":
      return { path, message: `${what ?? "this"} needs '${String(params["missingProperty"])}'`, hint: null };
    case "enum":
      return { path, message: `this must be one of ${(params["allowedValues"] as readonly string[]).join(", ")}`, hint: null };
    default:
      return { path, message: what === undefined ? `${message ?? "does not fit"}` : `this must be ${what}`, hint: null };
  }
}

/** Of a JSON pointer. */
function pathOf(pointer: string): YamlPath {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
}
