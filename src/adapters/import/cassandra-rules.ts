import { CONNECT_RULES, errorPolicyRules, kcqlRules } from "./connect-rules.ts";
import type { ConnectorDraft } from "./connector-draft.ts";
import { carried, differs, dropped, isTrue, type Rule, type RuleTable, unlessEmpty, whole } from "./rule.ts";

const PREFIX = "connect.cassandra";

/** Levels that promise that a row written may be read again. */
const CONSISTENCIES = ["ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"];

/** The longest that a connection waits for an answer. */
const REQUEST_MS_MAX = 600_000;

export function cassandraContactPoints(draft: ConnectorDraft): readonly string[] {
  const port = draft.text(`${PREFIX}.port`) ?? "9042";
  const points = (draft.text(`${PREFIX}.contact.points`) ?? "localhost").split(",").map((point) => point.trim());
  return points.map((point) => (/:\d+$/.test(point) ? point : `${point}:${port}`));
}

const partOfContactPoints: Rule = (property, draft) => draft.note("carried", property, `part of connections.${draft.sink}.contactPoints`);

const login =
  (key: "username" | "password", other: string): Rule =>
  (property, draft) => {
    if (draft.text(`${PREFIX}.${other}`) === null)
      draft.note("dropped", property, "a user name and a password go together, and one of them is missing");
    else if (key === "password") draft.secret(property, key);
    else draft.connect(property, key, property.value.trim());
  };

const consistency: Rule = unlessEmpty((property, draft) => {
  const level = property.value.trim().toUpperCase();
  if (CONSISTENCIES.includes(level)) draft.connect(property, "consistency", level);
  else
    draft.note(
      "dropped",
      property,
      `what is written with ${level} need not be there when it is read: ${CONSISTENCIES.join(", ")} are possible`,
    );
});

const timeout = (difference: string | null = null): Rule =>
  whole(1, (ms, property, draft) => draft.connect(property, "requestTimeoutMs", Math.min(ms, REQUEST_MS_MAX), difference));

const deletes: Rule = (property, draft) => {
  if (!isTrue(property.value.trim()))
    draft.note("differs", property, "a record without a value deletes its row where the PK comes from the record key");
  else
    draft.note(
      "carried",
      property,
      "a record without a value deletes its row; the PK has to come from the record key (PK _key, PK _key.id)",
    );
};

const defaultValue: Rule = unlessEmpty((property, draft) => {
  if (property.value.trim().toUpperCase() === "UNSET") {
    draft.note("differs", property, "UPSERT INTO leaves columns alone that a record does not have; INSERT INTO makes them null");
  } else draft.note("dropped", property, `there is no default '${property.value.trim()}'`);
});

const DRIVER = "the driver decides";
const TLS = "connections to Cassandra have no TLS settings yet";
const TLS_RULE: Rule = (property, draft) => {
  const off = ["false", "none", ""].includes(property.value.trim().toLowerCase());
  draft.note(off ? "carried" : "dropped", property, off ? "no TLS" : TLS);
};

const COMMON: RuleTable = {
  ...CONNECT_RULES,
  ...kcqlRules(PREFIX),
  [`${PREFIX}.contact.points`]: partOfContactPoints,
  [`${PREFIX}.port`]: partOfContactPoints,
  [`${PREFIX}.progress.enabled`]: carried("progress is always shown"),
};

/** The sink of releases before 10: `kafka-connect-cassandra`. */
export const CASSANDRA_RULES: RuleTable = {
  ...COMMON,
  ...errorPolicyRules(PREFIX),
  [`${PREFIX}.key.space`]: (property, draft) => {
    draft.keyspace = property.value.trim();
    draft.note("carried", property, `tables are named with it: ${draft.keyspace}.table`);
  },
  [`${PREFIX}.username`]: login("username", "password"),
  [`${PREFIX}.password`]: login("password", "username"),
  [`${PREFIX}.ssl.enabled`]: TLS_RULE,
  [`${PREFIX}.ssl.*`]: unlessEmpty(dropped(TLS)),
  [`${PREFIX}.trust.store.*`]: unlessEmpty(dropped(TLS)),
  [`${PREFIX}.key.store.*`]: unlessEmpty(dropped(TLS)),
  [`${PREFIX}.consistency.level`]: consistency,
  [`${PREFIX}.load.balancing.policy`]: dropped("requests go to replicas of the row in the local data centre"),
  [`${PREFIX}.threadpool.size`]: differs("rows are written side by side as connections.concurrency says, in the order of each key"),
  [`${PREFIX}.default.value`]: defaultValue,
  [`${PREFIX}.delete.enabled`]: deletes,
  [`${PREFIX}.delete.statement`]: unlessEmpty(dropped("the row of the PK is deleted; a statement of one's own cannot be given")),
  [`${PREFIX}.delete.struct_flds`]: unlessEmpty(dropped("PK _key.a, _key.b names the fields of the key")),
  [`${PREFIX}.connect.timeout.ms`]: dropped("requestTimeoutMs holds for connecting too"),
  [`${PREFIX}.read.timeout.ms`]: timeout(),
  [`${PREFIX}.fetch.size`]: dropped("a matter of reading"),
};

const NEVER_USED = "the sink never used it; what it did is ignore.errors.mode";

/** What the sink does is none of the three policies of the others. */
const ignoredErrors: Rule = (property, draft) => {
  const mode = property.value.trim().toLowerCase();
  if (mode === "none" || mode === "") draft.note("carried", property, "throw is what happens anyway");
  else if (mode === "all") draft.set(property, "error.policy", "noop");
  else if (mode === "driver")
    draft.set(property, "error.policy", "noop", "skips records that cannot be read too, not only what Cassandra refuses");
  else draft.note("dropped", property, `'${property.value.trim()}' is none of none, all and driver`);
};

/** The sink since release 10: `kafka-connect-cassandra-sink`, built on DataStax's connector. */
export const CASSANDRA_SINK_RULES: RuleTable = {
  ...COMMON,
  [`${PREFIX}.error.policy`]: dropped(NEVER_USED),
  [`${PREFIX}.max.retries`]: dropped(NEVER_USED),
  [`${PREFIX}.retry.interval`]: dropped(NEVER_USED),
  [`${PREFIX}.ignore.errors.mode`]: ignoredErrors,
  [`${PREFIX}.load.balancing.local.dc`]: (property, draft) => draft.connect(property, "localDataCenter", property.value.trim()),
  [`${PREFIX}.max.concurrent.requests`]: whole(1, (count, property, draft) => draft.connect(property, "concurrency", count)),
  [`${PREFIX}.max.batch.size`]: whole(1, (size, property, draft) => {
    draft.batch = size;
    draft.note("carried", property, `BATCH = ${size} of each statement that has none`);
  }),
  [`${PREFIX}.query.timeout.ms`]: timeout("the sink hands it to the driver as seconds; milliseconds are meant here"),
  [`${PREFIX}.auth.provider`]: (property, draft) => {
    const provider = property.value.trim().toUpperCase();
    if (provider === "PLAIN" || provider === "NONE" || provider === "")
      draft.note("carried", property, "user name and password, where they are given");
    else draft.note("dropped", property, `there is no login by ${provider}, only by user name and password`);
  },
  [`${PREFIX}.auth.username`]: login("username", "auth.password"),
  [`${PREFIX}.auth.password`]: login("password", "auth.username"),
  [`${PREFIX}.auth.*`]: unlessEmpty(dropped("there is no login but by user name and password")),
  [`${PREFIX}.ssl.provider`]: TLS_RULE,
  [`${PREFIX}.ssl.*`]: unlessEmpty(dropped(TLS)),
  [`${PREFIX}.connection.pool.size`]: dropped(DRIVER),
  [`${PREFIX}.compression`]: dropped("requests are not compressed"),
  [`${PREFIX}.driver.*`]: dropped("options of another driver"),
  "driver.*": dropped("options of another driver"),
};
