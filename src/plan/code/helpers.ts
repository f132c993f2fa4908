import { placeOf, positionOf } from "../../functions/position.ts";
import { SCALAR_FUNCTIONS } from "../../functions/registry.ts";
import { copyJson, copyMembers, copyObjectWithout } from "../../model/json-copy.ts";
import { project } from "../../model/projection.ts";
import { rowNotFalse } from "./predicate-tables.ts";
import { rowReaching } from "./row-reaching.ts";
import * as textBytes from "./text-bytes.ts";
import * as values from "./values.ts";
import { writeAny, writeCell, writeExact, writeGroupValue, writeQuoted } from "./write-cell.ts";

/** What generated code may call. */
export const helpers = {
  ...values,
  ...textBytes,
  placeOf,
  positionOf,
  rowReaching,
  rowNotFalse,
  writeCell,
  writeExact,
  writeAny,
  writeGroupValue,
  writeQuoted,
  copyJson,
  copyObjectWithout,
  copyMembers,
  project,
  functions: Object.fromEntries(SCALAR_FUNCTIONS.map((spec) => [spec.name, spec.implement])),
};
