/** PROPERTIES: options of KCQL's connectors that mean something here. One row a property. */
import type { PropertiesClause, Property } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { parseDurationMs } from "../model/duration-text.ts";
import type { BoundStatement, BoundTarget } from "../model/statement.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import { didYouMean, type Reporter } from "./reporter.ts";
import { article } from "./resolve-name.ts";

export interface BoundProperties {
  readonly tombstones: BoundStatement["tombstones"];
  readonly consistency: string | null;
  readonly nullsUnset: boolean;
  readonly dataStream: boolean;
  readonly closeAfterMs: number | null;
  readonly deleteAfterMs: number | null;
  readonly revives: boolean;
  /** In the unit of `ttlUnitMs`; null: none, or it never ends. */
  readonly ttl: number | null;
  readonly ttlUnitMs: number;
}

export const NO_PROPERTIES: BoundProperties = {
  tombstones: "delete",
  consistency: null,
  nullsUnset: false,
  dataStream: false,
  closeAfterMs: null,
  deleteAfterMs: null,
  revives: false,
  ttl: null,
  ttlUnitMs: 1000,
};

/** Which targets have the property: `elasticsearch` is any index, `cassandra` any table. */
type Owner = "elasticsearch" | "cassandra";

export interface PropertySpec {
  readonly name: string;
  readonly of: Owner;
  readonly takes: string;
  readonly about: string;
  /** What it changes; undefined: the value does not fit. Left out: it is refused, or changes nothing, and `about` says why. */
  readonly read?: (value: string) => Partial<BoundProperties> | undefined;
  /** Taken without an effect. */
  readonly idle?: true;
  /** The embedded store, where it stands in, does not have it. */
  readonly notEmbedded?: true;
}

const UNITS_MS: Readonly<Record<string, number>> = { MILLISECONDS: 1, SECONDS: 1000, MINUTES: 60_000, HOURS: 3_600_000, DAYS: 86_400_000 };
const LEVELS = ["ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"];

const words =
  <T>(values: Readonly<Record<string, T>>, change: (value: T) => Partial<BoundProperties>) =>
  (text: string): Partial<BoundProperties> | undefined => {
    const word = text.trim().toUpperCase();
    return Object.hasOwn(values, word) ? change(values[word] as T) : undefined;
  };
const BOOLEAN = { TRUE: true, FALSE: false };

const AGE = "a time such as 12h or 7d";
const age =
  (change: (ms: number) => Partial<BoundProperties>) =>
  (text: string): Partial<BoundProperties> | undefined => {
    const ms = parseDurationMs(text);
    return ms === null || !Number.isSafeInteger(ms) ? undefined : change(ms);
  };

export const PROPERTY_SPECS: readonly PropertySpec[] = [
  {
    name: "behavior.on.null.values",
    of: "elasticsearch",
    takes: "IGNORE, FAIL or DELETE",
    about: "What a record without a value does: nothing, be an error, or delete the document, whose id then comes from the key (PK _key).",
    read: words({ IGNORE: "ignore", FAIL: "fail", DELETE: "delete" } as const, (tombstones) => ({ tombstones })),
  },
  {
    name: "close.after",
    of: "elasticsearch",
    takes: AGE,
    about:
      "Dated indexes (WITHINDEXSUFFIX) are closed so long after the end of the time in their name; rows of that time are refused then.",
    notEmbedded: true,
    read: age((closeAfterMs) => ({ closeAfterMs })),
  },
  {
    name: "delete.after",
    of: "elasticsearch",
    takes: AGE,
    about: "The same for deleting them.",
    notEmbedded: true,
    read: age((deleteAfterMs) => ({ deleteAfterMs })),
  },
  {
    name: "retired.indexes",
    of: "elasticsearch",
    takes: "REFUSE or REVIVE",
    about: "What rows of a closed or deleted index do: they are refused, or bring it back, and its age begins anew.",
    notEmbedded: true,
    read: words({ REFUSE: false, REVIVE: true }, (revives) => ({ revives })),
  },
  {
    name: "data.stream",
    of: "elasticsearch",
    takes: "true or false",
    about: "Whether the target is a data stream: rows that nothing replaces are added to it, each with a column `@timestamp`.",
    notEmbedded: true,
    read: words(BOOLEAN, (dataStream) => ({ dataStream })),
  },
  {
    name: "consistencyLevel",
    of: "cassandra",
    takes: LEVELS.join(", "),
    about: "The consistency level of writes.",
    notEmbedded: true,
    read: words(Object.fromEntries(LEVELS.map((level) => [level, level])), (consistency) => ({ consistency })),
  },
  {
    name: "ttl",
    of: "cassandra",
    takes: "a whole number, -1 for none",
    about: "After how long a row expires, as TTL says it.",
    read: (text) => {
      const ttl = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
      return ttl >= -1 && Number.isSafeInteger(ttl) ? { ttl: ttl > 0 ? ttl : null } : undefined;
    },
  },
  {
    name: "ttlTimeUnit",
    of: "cassandra",
    takes: Object.keys(UNITS_MS).join(", "),
    about: "The unit of `ttl`; whole seconds are kept.",
    read: words(UNITS_MS, (ttlUnitMs) => ({ ttlUnitMs })),
  },
  {
    name: "nullToUnset",
    of: "cassandra",
    takes: "true or false",
    about: "Whether a NULL leaves the cell as it is, and makes no tombstone. Here it is false unless it is said.",
    notEmbedded: true,
    read: words(BOOLEAN, (nullsUnset) => ({ nullsUnset })),
  },
  {
    name: "deletesEnabled",
    of: "cassandra",
    takes: "true or false",
    about: "Whether a record without a value deletes the row; where not, it is an error.",
    read: words(BOOLEAN, (isEnabled) => ({ tombstones: isEnabled ? "delete" : "fail" })),
  },
  {
    name: "timestampTimeUnit",
    of: "cassandra",
    takes: "a unit of time",
    about: "the write time of a row is its version, in microseconds",
    idle: true,
  },
  { name: "query", of: "cassandra", takes: "CQL", about: "rows are written by their columns: SELECT says which" },
  { name: "codec.*", of: "cassandra", takes: "a pattern", about: "CAST and the functions of time read texts in the statement" },
];

export function bindProperties(
  clause: PropertiesClause | undefined,
  target: BoundTarget | null,
  { system, isEmbedded }: { readonly system: ConnectionKind; readonly isEmbedded: boolean },
  report: Reporter,
): BoundProperties {
  let bound = NO_PROPERTIES;
  if (clause === undefined || target === null) return bound;
  const owner: Owner | null = target.kind === "index" ? "elasticsearch" : target.kind === "table" ? "cassandra" : null;
  const written = `${article(target.kind)} (${target.connection}${system === target.connection ? "" : `, ${system}`})`;
  for (const property of clause.properties) {
    bound = { ...bound, ...readProperty(property, owner, written, report) };
    const spec = PROPERTY_SPECS.find(({ name }) => isNamed(property.key, name));
    if (isEmbedded && spec?.notEmbedded === true)
      report.warning("CLAUSE_NOT_ALLOWED", property.span, `the property '${property.key}' changes nothing in the embedded store`);
  }
  return bound;
}

function readProperty(property: Property, owner: Owner | null, written: string, report: Reporter): Partial<BoundProperties> {
  const { key, value, span } = property;
  const spec = PROPERTY_SPECS.find(({ name }) => isNamed(key, name));
  if (spec === undefined) {
    const known = PROPERTY_SPECS.filter(({ of, read }) => of === owner && read !== undefined).map(({ name }) => name);
    const hint =
      didYouMean(nearest(key, known)) ?? (known.length > 0 ? `there are ${known.join(", ")}` : "SET and sluice.yaml say the rest");
    report.error("UNKNOWN_SETTING", span, `${written} has no property '${key}'`, hint);
    return {};
  }
  if (spec.of !== owner) {
    const hint = `it belongs to ${spec.of === "cassandra" ? "tables" : "indexes"}`;
    report.error("CLAUSE_NOT_ALLOWED", span, `the property '${key}' has no meaning for ${written}`, hint);
    return {};
  }
  if (spec.idle === true) {
    report.warning("CLAUSE_NOT_ALLOWED", span, `the property '${key}' changes nothing for ${written}`, spec.about);
    return {};
  }
  if (spec.read === undefined) {
    report.error("CLAUSE_NOT_ALLOWED", span, `the property '${key}' is not taken`, spec.about);
    return {};
  }
  const read = spec.read(value);
  if (read !== undefined) return read;
  report.error("INVALID_VALUE", span, `'${key}' takes ${spec.takes}, not '${value}'`, spec.name);
  return {};
}

/** In any case; `codec.*` is all that begins so. */
function isNamed(key: string, name: string): boolean {
  const [lower, wanted] = [key.toLowerCase(), name.toLowerCase()];
  return wanted.endsWith("*") ? lower.startsWith(wanted.slice(0, -1)) : lower === wanted;
}
