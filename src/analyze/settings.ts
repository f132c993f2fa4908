import type { DiagnosticCode } from "../../grammar/diagnostic-codes.ts";
import { likeliest } from "../../grammar/nearest.ts";
import { LIMITS } from "../limits.ts";
import { parseDurationMs } from "../model/duration-text.ts";
import type { ErrorBudgetSize, ErrorPolicy } from "../model/statement.ts";
import { didYouMean } from "./reporter.ts";

/**
 * Settings of statements: given by SET in a pipeline's text, or under `pipelines.NAME` in sluice.yaml.
 * The table is the single source for the analyzer, `docs/configuration.md` and completion.
 */
export interface SettingSpec<T> {
  /** What a value looks like, for documentation and messages. */
  readonly type: string;
  readonly initial: T;
  /** The initial value as one would write it; null: there is none. */
  readonly initialText: string | null;
  readonly doc: string;
  /** undefined: the value does not fit. */
  readonly read: (value: unknown) => T | undefined;
}

const setting = <T>(spec: SettingSpec<T>): SettingSpec<T> => spec;

const oneOf =
  <T extends string>(...words: readonly T[]) =>
  (value: unknown): T | undefined =>
    words.find((word) => typeof value === "string" && word === value.toLowerCase());

const name = (value: unknown): string | undefined => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined);

const wholeNumber =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (value: unknown): number | undefined => {
    const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
    return typeof number === "number" && Number.isSafeInteger(number) && number >= min && number <= max ? number : undefined;
  };

/** Timers do not take more than 2^31 − 1 ms. */
const duration =
  (minMs: number) =>
  (value: unknown): number | undefined => {
    const ms = parseDurationMs(value);
    return ms === null || ms < minMs || ms > 2_147_483_647 ? undefined : ms;
  };

/** Of what is done by others: no timer goes by it. */
const longDuration =
  (minMs: number) =>
  (value: unknown): number | undefined => {
    const ms = parseDurationMs(value);
    return ms === null || ms < minMs ? undefined : ms;
  };

function errorBudget(value: unknown): ErrorBudgetSize | undefined {
  const share = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  const percent = Number(share?.[1]);
  if (share !== null) return percent <= 100 ? { kind: "share", percent } : undefined;
  const max = wholeNumber(0)(value);
  return max === undefined ? undefined : { kind: "number", max };
}

/** Paths, one or several with commas. */
function fieldPaths(value: unknown): readonly string[] | undefined {
  const paths = typeof value === "string" ? value.split(",").map((path) => path.trim()) : [""];
  return paths.some((path) => path.split(".").includes("")) ? undefined : paths;
}

const SECOND_MS = 1_000;

const DURATION = "milliseconds, or a text such as '10s'";

export const SETTINGS = {
  source: setting<string | null>({
    type: "the name of a connection",
    initial: null,
    initialText: "defaults.source",
    doc: "Where names after FROM are looked for that do not begin with a connection.",
    read: name,
  }),
  sink: setting<string | null>({
    type: "the name of a connection",
    initial: null,
    initialText: "defaults.sink",
    doc: "Where names after INTO belong that do not begin with a connection.",
    read: name,
  }),
  "error.policy": setting<ErrorPolicy>({
    type: "throw, noop or retry",
    initial: "throw",
    initialText: "throw",
    doc: "What a record or change does that cannot be taken: stop the statement, be skipped, or be tried again before it stops.",
    read: oneOf("throw", "noop", "retry"),
  }),
  "max.retries": setting<number>({
    type: "a whole number from 0",
    initial: 20,
    initialText: "20",
    doc: "How often a change is sent again under the policy retry.",
    read: wholeNumber(0),
  }),
  "retry.interval": setting<number>({
    type: DURATION,
    initial: 1_000,
    initialText: "1s",
    doc: "The pause before the second try; it grows with every further one, up to 30 s.",
    read: duration(1),
  }),
  "dead.letters": setting<string | null>({
    type: "a target, as after INTO",
    initial: null,
    initialText: null,
    doc: "Where records and changes go that were refused for good, with the error and their coordinates.",
    read: name,
  }),
  "dead.letters.mask": setting<readonly string[] | null>({
    type: "paths of fields, such as 'email, card.number', _key, _headers",
    initial: null,
    initialText: null,
    doc: "Whose values dead letters show as ***: in the record, and wherever else in the letter the same stands.",
    read: fieldPaths,
  }),
  "dead.letters.retention": setting<number | null>({
    type: "milliseconds, or a text such as '30d'; at least 1s",
    initial: null,
    initialText: null,
    doc: "How long dead letters are kept in a topic, index or table that Sluice makes for them; without it they stay.",
    read: longDuration(SECOND_MS),
  }),
  "error.budget": setting<ErrorBudgetSize | null>({
    type: "a whole number, or a share of the records such as '1%'",
    initial: null,
    initialText: null,
    doc: "How many records and changes of each partition the policy noop skips before the statement stops; a start or move begins anew.",
    read: errorBudget,
  }),
  "commit.interval": setting<number>({
    type: DURATION,
    initial: 200,
    initialText: "200ms",
    doc: "How often positions are made durable, and results that still change are sent; longer means fewer changes of the same row.",
    read: duration(1),
  }),
  "idle.timeout": setting<number>({
    type: DURATION,
    initial: 30_000,
    initialText: "30s",
    doc: "How long a partition gives no record until its stream time goes on by the clock and windows close; 0: never.",
    read: duration(0),
  }),
  time: setting<"event" | "ingestion" | "processing">({
    type: "event, ingestion or processing",
    initial: "event",
    initialText: "event",
    doc: "What windows go by: EVENTTIME BY or the declared column, the record's timestamp whatever is declared, or when it was first read.",
    read: oneOf("event", "ingestion", "processing"),
  }),
  autocreate: setting<boolean>({
    type: "true or false",
    initial: false,
    initialText: "false",
    doc: "Whether targets that are missing are made, as with AUTOCREATE; of targets that records name, each when it is first named.",
    read: (value) => (typeof value === "boolean" ? value : { true: true, false: false }[String(value).toLowerCase()]),
  }),
  start: setting<"earliest" | "latest">({
    type: "earliest or latest",
    initial: "earliest",
    initialText: "earliest",
    doc: "Where a new statement begins to read.",
    read: oneOf("earliest", "latest"),
  }),
  parallelism: setting<number>({
    type: `a whole number from 1 to ${LIMITS.threadsMax}`,
    initial: 1,
    initialText: "1",
    doc: "How many threads share the partitions of the pipeline, as far as there are so many; its last SET counts.",
    read: wholeNumber(1, LIMITS.threadsMax),
  }),
  "lookup.cache.rows": setting<number>({
    type: `a whole number from 0 to ${LIMITS.lookupCacheRowsMax}`,
    initial: 10_000,
    initialText: "10000",
    doc: "How many rows of each index or table that is joined are kept in mind, those that are not there included; 0: none.",
    read: wholeNumber(0, LIMITS.lookupCacheRowsMax),
  }),
  "lookup.cache.ttl": setting<number>({
    type: DURATION,
    initial: 60_000,
    initialText: "60s",
    doc: "How long a row that was looked up counts until it is looked up again; 0: for the records that were fetched with it.",
    read: duration(0),
  }),
  "lookup.timeout": setting<number>({
    type: DURATION,
    initial: 5_000,
    initialText: "5s",
    doc: "How long one request for rows that are joined may take; then it is made again, as after any error that may pass.",
    read: duration(1),
  }),
  delivery: setting<"idempotent" | "transactional">({
    type: "idempotent or transactional",
    initial: "idempotent",
    initialText: "idempotent",
    doc: "How topics are written: again after a crash under the same version, or in transactions, with the state that they rest on.",
    read: oneOf("idempotent", "transactional"),
  }),
  pace: setting<"free" | "together">({
    type: "free or together",
    initial: "free",
    initialText: "free",
    doc: "Whether a statement whose target is slow falls behind alone, or those of the pipeline that are 'together' wait for the slowest.",
    read: oneOf("free", "together"),
  }),
} as const satisfies Record<string, SettingSpec<never> | SettingSpec<unknown>>;

/** What it takes, where that is one of some words. */
export function wordsOf({ type }: SettingSpec<unknown>): readonly string[] {
  return /^[a-z]+(?:, [a-z]+)* or [a-z]+$/.test(type) ? type.split(/, | or /) : [];
}

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]["initial"] };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

export const INITIAL_SETTINGS = Object.fromEntries(SETTING_NAMES.map((key) => [key, SETTINGS[key].initial])) as Settings;

export type SettingResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly code: DiagnosticCode; readonly message: string; readonly hint: string | null };

/** Written by so many, and meaning just the same, that they are taken. */
const SYNONYMS: ReadonlyMap<string, SettingName> = new Map([
  ["tasks.max", "parallelism"],
  ["defaults.topic.autocreate", "autocreate"],
]);

/** The names of Kafka's clients, of Kafka Connect and ksqlDB for what is set here. */
const NAMES_ELSEWHERE: ReadonlyMap<string, SettingName> = new Map([
  ["auto.offset.reset", "start"],
  ["commit.interval.ms", "commit.interval"],
  ["auto.commit.interval.ms", "commit.interval"],
  ["errors.tolerance", "error.policy"],
  ["errors.deadletterqueue.topic.name", "dead.letters"],
  ["tasks.max", "parallelism"],
  ["processing.guarantee", "delivery"],
]);

/** `start` for `ksql.streams.auto.offset.reset`, `error.policy` for `connect.elastic.error.policy`; null: nothing like it. */
function ownName(written: string): SettingName | null {
  const words = written.toLowerCase().split(".");
  for (const index of words.keys()) {
    const rest = words.slice(index).join(".");
    const name = NAMES_ELSEWHERE.get(rest) ?? SETTING_NAMES.find((own) => own === rest && rest.includes("."));
    if (name !== undefined) return name;
  }
  return null;
}

export function settingName(written: string): SettingName | undefined {
  const lower = written.toLowerCase();
  return SYNONYMS.get(lower) ?? SETTING_NAMES.find((candidate) => candidate === lower);
}

/** The settings with one of them as it is initially; null: there is none of that name. */
export function withoutSetting(settings: Settings, written: string): Settings | null {
  const key = settingName(written);
  return key === undefined ? null : { ...settings, [key]: INITIAL_SETTINGS[key] };
}

/** The settings with one of them changed. Names and words are read in any case. */
export function withSetting(settings: Settings, written: string, value: unknown): SettingResult {
  const key = settingName(written);
  if (key === undefined) {
    const hint = didYouMean(ownName(written) ?? likeliest(written, SETTING_NAMES)) ?? `settings are ${SETTING_NAMES.join(", ")}`;
    return { ok: false, code: "UNKNOWN_SETTING", message: `there is no setting '${written}'`, hint };
  }
  const spec: SettingSpec<unknown> = SETTINGS[key];
  const read = spec.read(value);
  if (read === undefined) {
    const message = `'${key}' takes ${spec.type}, not ${JSON.stringify(value)}`;
    const initially = spec.initialText === null ? null : `initially ${spec.initialText}`;
    return { ok: false, code: "INVALID_VALUE", message, hint: didYouMean(likeliest(String(value), wordsOf(spec))) ?? initially };
  }
  return { ok: true, settings: { ...settings, [key]: read } };
}
