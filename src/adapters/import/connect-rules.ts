import { LIMITS } from "../../limits.ts";
import { carried, differs, dropped, isTrue, type Rule, type RuleTable, unlessEmpty, whole } from "./rule.ts";

/** Milliseconds as people write them. */
const duration = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

/** Error policy and its numbers, which every sink has under its own prefix. */
export function errorPolicyRules(prefix: string): RuleTable {
  return {
    [`${prefix}.error.policy`]: (property, draft) => {
      const policy = property.value.trim().toLowerCase();
      if (policy === "throw" || policy === "") draft.note("carried", property, "throw is what happens anyway");
      else if (policy === "retry")
        draft.set(property, "error.policy", policy, "only what failed is sent again, after growing pauses, not the whole batch");
      else if (policy === "noop") draft.set(property, "error.policy", policy, "skips and counts single records, not the whole batch");
      else draft.note("dropped", property, `there is no error policy '${property.value.trim()}': throw, noop and retry are`);
    },
    [`${prefix}.max.retries`]: whole(-1, (retries, property, draft) => {
      if (retries === -1) draft.set(property, "max.retries", 2_147_483_647, "-1 is for ever");
      else draft.set(property, "max.retries", retries);
    }),
    // Written so in the first releases, and copied since.
    [`${prefix}.max.retires`]: whole(0, (retries, property, draft) => draft.set(property, "max.retries", retries)),
    [`${prefix}.retry.interval`]: whole(1, (ms, property, draft) =>
      draft.set(property, "retry.interval", duration(ms), "the pause before the second try; further ones grow up to 30 s"),
    ),
  };
}

const kcql: Rule = (property, draft) => {
  draft.kcql = property;
};

/** The routes, under the names they have had. */
export const kcqlRules = (prefix: string): RuleTable => ({
  [`${prefix}.kcql`]: kcql,
  [`${prefix}.sink.kcql`]: kcql,
  [`${prefix}.export.route.query`]: kcql,
});

type Side = "key" | "value";

/** Formats by converter class, without its package. `null`: what is read without a declaration. */
const CONVERTERS: Readonly<Record<string, Readonly<Record<Side, string | null>>>> = {
  JsonConverter: { key: "json", value: null },
  JsonSchemaConverter: { key: "json_sr", value: "json_sr" },
  StringConverter: { key: null, value: null },
  ByteArrayConverter: { key: "bytes", value: "bytes" },
  AvroConverter: { key: "avro", value: "avro" },
  ProtobufConverter: { key: "protobuf", value: "protobuf" },
  IntegerConverter: { key: "kafka", value: "kafka" },
  LongConverter: { key: "kafka", value: "kafka" },
  ShortConverter: { key: "kafka", value: "kafka" },
  DoubleConverter: { key: "kafka", value: "kafka" },
  FloatConverter: { key: "kafka", value: "kafka" },
};

const converter =
  (side: Side): Rule =>
  (property, draft) => {
    const name = property.value.trim().split(".").at(-1) ?? "";
    if (!Object.hasOwn(CONVERTERS, name)) {
      draft.note("dropped", property, `a ${side} in the format of ${name} cannot be read: json, string, bytes and others can`);
      return;
    }
    const format = CONVERTERS[name]?.[side] ?? null;
    draft.formats = { ...draft.formats, [side]: format };
    const shown = format ?? (side === "key" ? "string" : "json");
    if (name === "JsonConverter" && side === "value" && !isFalse(draft.text("value.converter.schemas.enable"))) {
      draft.note("differs", property, "records are taken as they are: where they have a schema beside them, fields are below payload");
    } else {
      draft.note(
        "carried",
        property,
        format === null ? `${side}s are ${shown} unless said otherwise` : `the topic is declared with ${side} format ${shown}`,
      );
    }
  };

const isFalse = (text: string | null): boolean => text?.toLowerCase() === "false";

const schemasEnable: Rule = (property, draft) => {
  if (!isTrue(property.value.trim())) draft.note("carried", property, "records are taken as they are");
  else draft.note("differs", property, "records are taken as they are: fields are below payload, beside the schema");
};

const deadLetters: Rule = (property, draft) =>
  draft.set(
    property,
    "dead.letters",
    `${draft.source}.${property.value.trim()}`,
    "holds what the target refused too, not only what could not be read",
  );

const tolerance: Rule = (property, draft) => {
  const policy = ["connect.elastic.error.policy", "connect.cassandra.error.policy"]
    .map((name) => draft.text(name))
    .find((text) => text !== null);
  if (property.value.trim().toLowerCase() !== "all") draft.note("carried", property, "a record that cannot be read stops its statement");
  else if (policy?.toLowerCase() === "noop") draft.note("carried", property, "error.policy covers what cannot be read too");
  else {
    const message = "a record that cannot be read follows error.policy like all others: SET 'error.policy' = 'noop' skips it";
    draft.note("differs", property, message);
  }
};

const parallelism: Rule = whole(1, (tasks, property, draft) => {
  if (tasks === 1) draft.note("carried", property, "one thread is what a pipeline has anyway");
  else draft.set(property, "parallelism", Math.min(tasks, LIMITS.threadsMax), "threads of one process, as far as there are partitions");
});

const start: Rule = (property, draft) => {
  const word = property.value.trim().toLowerCase();
  if (word === "earliest" || word === "latest") draft.set(property, "start", word);
  else draft.note("dropped", property, `'${property.value.trim()}' is neither earliest nor latest`);
};

const brokers: Rule = (property, draft) => {
  draft.kafkaSettings.set("brokers", { value: property.value.trim(), comments: property.comments });
  draft.note("carried", property, `connections.${draft.source}.brokers`);
};

const REGISTRY = "schema registries are not read yet";
const FRAMEWORK = "belongs to Kafka Connect itself";

/** What Kafka Connect says of every sink connector. */
export const CONNECT_RULES: RuleTable = {
  name: carried("the pipeline's name"),
  "connector.class": carried("which sink it is"),
  "tasks.max": parallelism,
  topics: (property, draft) => {
    draft.topics = property;
  },
  "topics.regex": dropped("a statement names its topic: write one for each topic that the pattern meant"),
  "key.converter": converter("key"),
  "value.converter": converter("value"),
  "key.converter.schemas.enable": schemasEnable,
  "value.converter.schemas.enable": schemasEnable,
  "key.converter.schema.registry.url": dropped(REGISTRY),
  "value.converter.schema.registry.url": dropped(REGISTRY),
  "key.converter.*": dropped("an option of the key's converter"),
  "value.converter.*": dropped("an option of the value's converter"),
  "header.converter": carried("headers are read as text"),
  "header.converter.*": dropped("headers are read as text"),
  transforms: unlessEmpty(dropped("write what the transformations do into the SELECT: fields, expressions, WHERE, WITHINDEXSUFFIX")),
  "transforms.*": dropped("part of the transformations"),
  predicates: unlessEmpty(dropped("write them as WHERE")),
  "predicates.*": dropped("part of the predicates"),
  "errors.tolerance": tolerance,
  "errors.deadletterqueue.topic.name": unlessEmpty(deadLetters),
  "errors.deadletterqueue.topic.replication.factor": dropped("the replication of topics is a setting of the connection"),
  "errors.deadletterqueue.context.headers.enable": carried("dead letters always say where they come from"),
  "errors.log.enable": carried("errors are always reported"),
  "errors.log.include.messages": carried("a report says which record it was; its content is in the dead letters"),
  "errors.retry.timeout": differs("reading is tried again for as long as it takes"),
  "errors.retry.delay.max.ms": differs("pauses grow up to 30 s"),
  "consumer.override.auto.offset.reset": start,
  "consumer.override.bootstrap.servers": brokers,
  "bootstrap.servers": brokers,
  "consumer.override.*": dropped("options of the Kafka client are settings of the connection, where there are such"),
  "connect.progress.enabled": carried("progress is always shown"),
  "config.action.reload": dropped(FRAMEWORK),
  "tasks.file": dropped(FRAMEWORK),
};
