import type { Clause } from "../../../grammar/ast.ts";
import type { ConnectorDraft, ImportOutcome } from "../../adapters/import/connector-draft.ts";

/** What becomes of one entry of PROPERTIES. */
export interface PropertyResult {
  readonly outcome: ImportOutcome;
  readonly message: string;
  /** The clause that says the same; null: none. */
  readonly clause: Clause | null;
}

type PropertyRule = (value: string, others: ReadonlyMap<string, string>, draft: ConnectorDraft) => PropertyResult;

const result = (outcome: ImportOutcome, message: string, clause: Clause | null = null): PropertyResult => ({ outcome, message, clause });
const dropped =
  (message: string): PropertyRule =>
  () =>
    result("dropped", message);

const DELETES = "a record without a value deletes its row or document where the PK comes from the record key";

const UNIT_SECONDS: Readonly<Record<string, number>> = { MILLISECONDS: 0.001, SECONDS: 1, MINUTES: 60, HOURS: 3600, DAYS: 86_400 };

const ttl: PropertyRule = (value, others) => {
  const unit = (others.get("ttlTimeUnit") ?? "SECONDS").toUpperCase();
  const seconds = Math.ceil(Number(value) * (UNIT_SECONDS[unit] ?? Number.NaN));
  if (value.trim() === "-1" || seconds === 0) return result("carried", "rows do not expire anyway");
  if (!Number.isSafeInteger(seconds) || seconds < 0) return result("dropped", `'${value}' ${unit} is no time to live`);
  return result("carried", `TTL = ${seconds}`, { kind: "number", name: "TTL", value: seconds, span: { start: 0, end: 0 } });
};

const consistency: PropertyRule = (value, _others, draft) => {
  const level = value.toUpperCase();
  const given = draft.sinkSettings.get("consistency")?.value;
  if (given !== undefined && given !== level)
    return result("dropped", `a connection has one level, and it is ${String(given)}: use two connections`);
  draft.sinkSettings.set("consistency", { value: level, comments: [] });
  return result("carried", `connections.${draft.sink}.consistency, for all its routes`);
};

const RULES: Readonly<Record<"elasticsearch" | "cassandra", Readonly<Record<string, PropertyRule>>>> = {
  elasticsearch: {
    "behavior.on.null.values": (value) => result(value.toUpperCase() === "DELETE" ? "carried" : "differs", DELETES),
  },
  cassandra: {
    ttl,
    ttlTimeUnit: () => result("carried", "part of TTL"),
    consistencyLevel: consistency,
    deletesEnabled: (value) => result(value.toLowerCase() === "true" ? "carried" : "differs", DELETES),
    nullToUnset: (value) =>
      value.toLowerCase() === "true"
        ? result("differs", "UPSERT INTO leaves columns alone that a record does not have; INSERT INTO makes them null")
        : result("carried", "INSERT INTO makes columns null that a record does not have"),
    timestampTimeUnit: dropped("the write time of a row is the version of its change, in microseconds"),
    query: dropped("rows are written by their columns; a statement of one's own cannot be given"),
  },
};

export function propertyRule(key: string, connects: "elasticsearch" | "cassandra"): PropertyRule {
  const rules = RULES[connects];
  if (Object.hasOwn(rules, key)) return rules[key] as PropertyRule;
  return dropped(key.startsWith("codec.") ? "dates and times are ISO 8601, or written by expressions" : "has no counterpart");
}
