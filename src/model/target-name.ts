/** Which names outside systems take for their indexes, tables and topics. */
export type NameRule = "index" | "cassandra table" | "table" | "topic";

/** The rule of the outside system that a name breaks, or null. */
export function nameRuleBroken(rule: NameRule, name: string): string | null {
  switch (rule) {
    case "index":
      return indexRuleBroken(name);
    case "cassandra table":
      return tableRuleBroken(name);
    default:
      return topicRuleBroken(name, rule);
  }
}

const INDEX_BYTES_MAX = 255;

/** Elasticsearch. */
export function indexRuleBroken(name: string): string | null {
  if (name === "" || name === "." || name === "..") return "an index name must not be empty, '.' or '..'";
  const upperCase = [...name].find((character) => character !== character.toLowerCase());
  if (upperCase !== undefined) return `an index name must be lower case, but has '${upperCase}'`;
  if (/^[-_+]/.test(name)) return `an index name must not begin with '${name[0]}'`;
  const illegal = /[\\/*?"<>|,#: ]/.exec(name);
  if (illegal !== null) return `an index name must not contain ${illegal[0] === " " ? "blanks" : `'${illegal[0]}'`}`;
  const bytes = Buffer.byteLength(name);
  return bytes > INDEX_BYTES_MAX ? `an index name has at most ${INDEX_BYTES_MAX} bytes, this one has ${bytes}` : null;
}

const TABLE_PART_MAX = 48;

/** Cassandra: a name without a keyspace lies in that one; null: in none. */
export function inKeyspace(keyspace: string | null, name: string): string {
  return keyspace === null || name.includes(".") ? name : `${keyspace}.${name}`;
}

/** Cassandra: `keyspace.table`. */
function tableRuleBroken(name: string): string | null {
  const parts = name.split(".");
  if (parts.length !== 2) return "a Cassandra table is named with its keyspace: keyspace.table";
  const illegal = parts.find((part) => !/^[A-Za-z]\w*$/.test(part));
  if (illegal !== undefined) return `a Cassandra name has letters, digits and _, and begins with a letter; '${illegal}' does not fit`;
  const long = parts.find((part) => part.length > TABLE_PART_MAX);
  return long === undefined ? null : `a Cassandra name has at most ${TABLE_PART_MAX} characters; '${long}' has ${long.length}`;
}

const TOPIC_CHARACTERS_MAX = 249;

/** Kafka; the embedded store keeps the same rule, so that statements can move to Kafka. */
function topicRuleBroken(name: string, kind: "topic" | "table"): string | null {
  if (name === "" || name === "." || name === "..") return `a ${kind} name must not be empty, '.' or '..'`;
  const illegal = /[^A-Za-z0-9._-]/u.exec(name);
  if (illegal !== null) return `a ${kind} name has letters, digits, '.', '_' and '-'; '${illegal[0]}' does not fit`;
  return name.length > TOPIC_CHARACTERS_MAX ? `a ${kind} name has at most ${TOPIC_CHARACTERS_MAX} characters` : null;
}
