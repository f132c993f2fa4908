/**
 * KCQL's clauses, both generations, in the order in which they are printed: the one that KCQL itself accepts.
 * Keywords, rules, checks, printing, facts and docs follow from these rows. A new clause of a known shape is a row.
 */

/**
 * What stands behind the word:
 * `flag` nothing; `number` a whole number; `word` one of a few words; `text` raw text up to white space, quoted if it
 * has more; `path` raw text whose quotes mean something, as written; `fields` names of fields, with dots; `names`
 * names in parentheses, without dots; the others are shapes of one clause each.
 */
export type ClauseShape =
  | "flag"
  | "number"
  | "word"
  | "text"
  | "path"
  | "fields"
  | "names"
  | "time"
  | "delimiter"
  | "storeas"
  | "tags"
  | "properties"
  | "buckets"
  | "offsets"
  | "sample";

export interface ClauseSpec {
  readonly shape: ClauseShape;
  /** Written `WORD = value`. */
  readonly equals?: true;
  /** For `text`: KCQL itself reads the value in back-ticks only, so it is printed in them. */
  readonly quoted?: true;
  /** The name of the fact; left out where it is the word in camel case. */
  readonly fact?: string;
  /** For `number`: the smallest and the largest. */
  readonly range?: readonly [number, number];
  /** For `word`: what it may be, in upper case. */
  readonly words?: readonly string[];
  /** Two clauses of one group contradict each other. */
  readonly group?: string;
  /** One sentence for the docs. */
  readonly about: string;
  readonly example: string;
  /** Gone from the newer KCQL. */
  readonly legacy?: true;
}

const INT_MAX = 2 ** 31 - 1;
const INT: ClauseSpec["range"] = [1, INT_MAX];
const LONG: ClauseSpec["range"] = [1, Number.MAX_SAFE_INTEGER];

export const CLAUSES = {
  IGNORE: { shape: "fields", fact: "ignored", about: "Fields that are left out of `*`.", example: "IGNORE secret, debug.trace" },
  AUTOCREATE: { shape: "flag", about: "Makes the target where it does not exist.", example: "AUTOCREATE" },
  WITHSTRUCTURE: { shape: "flag", fact: "structure", about: "Selected fields keep their nesting.", example: "WITHSTRUCTURE" },
  PK: { shape: "fields", about: "The fields that identify a row.", example: "PK deviceId, _key.site" },
  WITHTARGET: {
    shape: "path",
    equals: true,
    fact: "withTarget",
    about: "The field whose value names the target.",
    example: "WITHTARGET = meta.destination",
  },
  AUTOEVOLVE: { shape: "flag", about: "Adds columns that the target lacks.", example: "AUTOEVOLVE" },
  BATCH: { shape: "number", equals: true, range: INT, about: "How many rows are written at once.", example: "BATCH = 500" },
  CAPITALIZE: { shape: "flag", about: "Writes the names of columns in upper case.", example: "CAPITALIZE", legacy: true },
  INITIALIZE: { shape: "flag", about: "Makes the schema of the target at the start.", example: "INITIALIZE", legacy: true },
  PROJECTTO: {
    shape: "number",
    fact: "projectTo",
    range: INT,
    about: "The version of the schema to write with.",
    example: "PROJECTTO 2",
    legacy: true,
  },
  PARTITIONBY: {
    shape: "fields",
    fact: "partitionBy",
    group: "partitions",
    about: "The fields whose values make the path of an object, or the key of a record.",
    example: "PARTITIONBY region, _header.tenant",
  },
  NOPARTITION: {
    shape: "flag",
    fact: "noPartition",
    group: "partitions",
    about: "Objects have no path of fields.",
    example: "NOPARTITION",
  },
  DISTRIBUTEBY: {
    shape: "buckets",
    fact: "buckets",
    group: "buckets",
    about: "Spreads rows over buckets.",
    example: "DISTRIBUTEBY region INTO 8 BUCKETS",
    legacy: true,
  },
  CLUSTERBY: {
    shape: "buckets",
    fact: "buckets",
    group: "buckets",
    about: "Spreads rows over buckets, sorted in each.",
    example: "CLUSTERBY region, site INTO 8 BUCKETS",
    legacy: true,
  },
  WITHTIMESTAMP: {
    shape: "time",
    fact: "timestamp",
    about: "The field that is the time of a row, or sys_time().",
    example: "WITHTIMESTAMP ts",
  },
  TIMESTAMPUNIT: {
    shape: "word",
    equals: true,
    fact: "timestampUnit",
    words: ["NANOSECONDS", "MICROSECONDS", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"],
    about: "The unit of that time.",
    example: "TIMESTAMPUNIT = SECONDS",
  },
  WITHFORMAT: {
    shape: "word",
    fact: "format",
    words: ["AVRO", "PROTOBUF", "TEXT", "BINARY", "JSON", "OBJECT", "MAP"],
    about: "The format of what is written.",
    example: "WITHFORMAT JSON",
  },
  WITHUNWRAP: { shape: "flag", fact: "unwrap", about: "A value of one field is written without its field.", example: "WITHUNWRAP" },
  STOREAS: {
    shape: "storeas",
    fact: "storeAs",
    about: "The kind of structure or file that is written, with its parameters.",
    example: "STOREAS SORTEDSET (score=ts)",
  },
  WITHTAG: {
    shape: "tags",
    fact: "tags",
    about: "Tags of a point: fields, constants, fields under another name.",
    example: "WITHTAG (site, origin=lab, meta.unit AS unit)",
  },
  INCREMENTALMODE: {
    shape: "text",
    equals: true,
    fact: "incrementalMode",
    about: "How a source table is read on.",
    example: "INCREMENTALMODE = timestamp",
  },
  WITHTYPE: { shape: "text", fact: "withType", about: "The kind of the target: a queue or a topic.", example: "WITHTYPE QUEUE" },
  WITHDOCTYPE: {
    shape: "text",
    equals: true,
    fact: "docType",
    about: "The document type of old indexes.",
    example: "WITHDOCTYPE = reading",
  },
  WITHINDEXSUFFIX: {
    shape: "text",
    equals: true,
    fact: "indexSuffix",
    about: "Text behind the name of the index; in braces a date, written with Java's letters.",
    example: "WITHINDEXSUFFIX = _{yyyy.MM.dd}",
  },
  TTL: { shape: "number", equals: true, range: LONG, about: "Seconds after which a row expires.", example: "TTL = 86400" },
  WITHCONVERTER: {
    shape: "text",
    equals: true,
    quoted: true,
    fact: "converter",
    about: "The class that turns messages into records.",
    example: "WITHCONVERTER = `com.example.JsonConverter`",
  },
  WITHJMSSELECTOR: {
    shape: "text",
    equals: true,
    quoted: true,
    fact: "jmsSelector",
    about: "The condition by which messages of a queue are chosen.",
    example: "WITHJMSSELECTOR = `priority > 4`",
  },
  WITHKEY: { shape: "names", fact: "withKey", about: "The fields that make the key of a record.", example: "WITHKEY (site, device)" },
  KEYDELIMITER: {
    shape: "delimiter",
    equals: true,
    fact: "keyDelimiter",
    about: "The character between the parts of that key.",
    example: "KEYDELIMITER = '-'",
  },
  WITHPIPELINE: {
    shape: "text",
    equals: true,
    fact: "pipeline",
    about: "The ingest pipeline of the index.",
    example: "WITHPIPELINE = enrich.geo",
  },
  WITHPARTITIONER: {
    shape: "text",
    fact: "withPartitioner",
    equals: true,
    about: "How messages are spread over partitions.",
    example: "WITHPARTITIONER = RoundRobin",
    legacy: true,
  },
  WITHSUBSCRIPTION: {
    shape: "text",
    equals: true,
    fact: "subscription",
    about: "The name of the subscription.",
    example: "WITHSUBSCRIPTION = shared",
  },
  WITHCOMPRESSION: {
    shape: "word",
    fact: "withCompression",
    equals: true,
    words: ["SNAPPY", "GZIP", "LZ4", "ZLIB", "BZIP2", "LZO"],
    about: "How what is written is compressed.",
    example: "WITHCOMPRESSION = LZ4",
    legacy: true,
  },
  WITHDELAY: {
    shape: "number",
    fact: "withDelay",
    equals: true,
    range: [0, INT_MAX],
    about: "Milliseconds to wait.",
    example: "WITHDELAY = 250",
    legacy: true,
  },
  WITHREGEX: {
    shape: "text",
    equals: true,
    quoted: true,
    fact: "regex",
    about: "The pattern of the topics that are read.",
    example: "WITHREGEX = `^site/[0-9]+$`",
  },
  WITH_FLUSH_SIZE: {
    shape: "number",
    equals: true,
    range: LONG,
    about: "Bytes after which a file is written.",
    example: "WITH_FLUSH_SIZE = 1000000",
    legacy: true,
  },
  WITH_FLUSH_INTERVAL: {
    shape: "number",
    equals: true,
    range: LONG,
    about: "Seconds after which a file is written.",
    example: "WITH_FLUSH_INTERVAL = 60",
    legacy: true,
  },
  WITH_FLUSH_COUNT: {
    shape: "number",
    equals: true,
    range: LONG,
    about: "Rows after which a file is written.",
    example: "WITH_FLUSH_COUNT = 5000",
    legacy: true,
  },
  WITH_SCHEMA_EVOLUTION: {
    shape: "word",
    equals: true,
    words: ["MATCH", "IGNORE", "ADD"],
    about: "What happens to columns that the target lacks.",
    example: "WITH_SCHEMA_EVOLUTION = ADD",
    legacy: true,
  },
  WITH_TABLE_LOCATION: {
    shape: "text",
    equals: true,
    quoted: true,
    about: "Where the files of a table lie.",
    example: "WITH_TABLE_LOCATION = `/data/readings`",
    legacy: true,
  },
  WITH_OVERWRITE: { shape: "flag", about: "Files that are there are replaced.", example: "WITH_OVERWRITE", legacy: true },
  WITH_PARTITIONING: {
    shape: "word",
    equals: true,
    words: ["STRICT", "DYNAMIC"],
    about: "Whether partitions of a table are made on demand.",
    example: "WITH_PARTITIONING = DYNAMIC",
    legacy: true,
  },
  WITH_SESSION: {
    shape: "text",
    equals: true,
    about: "The field that names the session of a message.",
    example: "WITH_SESSION = orderId",
    legacy: true,
  },
  WITH_ACK: { shape: "flag", about: "Every message is acknowledged.", example: "WITH_ACK", legacy: true },
  WITH_ENCODE_BASE64: { shape: "flag", about: "Messages are encoded in base 64.", example: "WITH_ENCODE_BASE64", legacy: true },
  WITH_LOCK_TIME: {
    shape: "number",
    equals: true,
    range: LONG,
    about: "How long a message is locked.",
    example: "WITH_LOCK_TIME = 30",
    legacy: true,
  },
  WITHGROUP: { shape: "text", fact: "group", about: "The consumer group.", example: "WITHGROUP dashboards", legacy: true },
  WITHOFFSET: {
    shape: "offsets",
    fact: "offsets",
    about: "Partitions to read, each from an offset.",
    example: "WITHOFFSET (0), (1, 5000)",
    legacy: true,
  },
  SAMPLE: { shape: "sample", about: "So many records of every so many.", example: "SAMPLE 1 EVERY 100", legacy: true },
  PROPERTIES: {
    shape: "properties",
    about: "Options of the connector, by name.",
    example: "PROPERTIES ('behavior.on.null.values' = 'IGNORE', flush = 100)",
  },
} as const satisfies Record<string, ClauseSpec>;

export type ClauseName = keyof typeof CLAUSES;
/** The clauses of a shape. */
export type ClauseOf<Shape extends ClauseShape> = {
  [Name in ClauseName]: (typeof CLAUSES)[Name]["shape"] extends Shape ? Name : never;
}[ClauseName];

export const CLAUSE_NAMES = Object.keys(CLAUSES) as readonly ClauseName[];
export const clauseSpec = (name: ClauseName): ClauseSpec => CLAUSES[name];
/** A hint: how a clause is written. Null: no clause has that name. */
export function clauseExample(word: string): string | null {
  const name = CLAUSE_NAMES.find((clause) => clause === word.toUpperCase());
  return name === undefined ? null : `for example ${clauseSpec(name).example}`;
}
export const clausesOf = <Shape extends ClauseShape>(...shapes: readonly Shape[]): ClauseOf<Shape>[] =>
  CLAUSE_NAMES.filter((name): name is ClauseOf<Shape> => (shapes as readonly string[]).includes(CLAUSES[name].shape));

/** Where raw text follows, the word cannot be the name of a field without quotes. */
export const RAW_CLAUSES: readonly ClauseName[] = clausesOf("word", "text", "path", "storeas");

/** The key of a clause among the facts: WITH_FLUSH_SIZE is withFlushSize. */
export function factName(name: ClauseName): string {
  const { fact } = clauseSpec(name);
  return fact ?? name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
