/** Where a message passes through, and what else takes time. */
export const STATIONS = [
  "start",
  "fetch",
  "walk",
  "scan",
  "statement",
  "encode",
  "produce",
  "state log",
  "garbage collection",
  "other",
] as const;
export type Station = (typeof STATIONS)[number];

export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface Rule {
  readonly station: Station;
  /** Regular expressions for parts of the URL. */
  readonly urls: readonly string[];
}

/** Whatever it calls is its own: the encoding of a blob is part of the state log. */
const WITH_ALL_BELOW: readonly Rule[] = [
  {
    station: "start",
    urls: ["^node:internal/(modules|deps/amaro)", "node_modules/(@?chevrotain|ajv|commander|yaml)", "/grammar/", "src/(analyze|cli)/"],
  },
  { station: "state log", urls: ["src/state/(journal/|[a-z-]*payload)", "src/runtime/owners/checkpoint-writer", "adapters/.*state-log"] },
];

const OWN: readonly Rule[] = [
  { station: "walk", urls: ["adapters/codecs/(record-batch-reader|slices-|growing-column)", "adapters/kafka/decompress"] },
  { station: "scan", urls: ["adapters/codecs/(json/|create-decoder|string-dictionary)"] },
  {
    station: "encode",
    urls: [
      "src/model/(change|byte-writer|copy-bytes|json-copy|timestamp-text|origin-header|record-headers)",
      "adapters/codecs/record-batch-writer",
      "adapters/elasticsearch/bulk-body",
      "adapters/cassandra/(row-|to-cql)",
    ],
  },
  {
    station: "produce",
    urls: [
      "src/runtime/routes/",
      "adapters/kafka/(topic-sink|partition-producer|produce|raw-records)",
      "adapters/(elasticsearch|cassandra)/",
      "node_modules/(@elastic|undici|cassandra-driver)",
    ],
  },
  { station: "statement", urls: ["src/(plan|state|functions|runtime)/"] },
  { station: "fetch", urls: ["adapters/kafka/(partition-reader|fetch|kafka-source|platformatic/fetch)"] },
];

/** Shared by several stations: it is the caller's; where nobody of ours called, it is an answer that comes in. */
const WITHOUT_CALLER: readonly Rule[] = [
  { station: "fetch", urls: ["src/adapters/kafka/", "node_modules/(@platformatic|kafkajs)", "^node:(net|internal/streams?)"] },
];

/** The station of each frame's own time. Frames come from the outermost to the innermost; generated code is its caller's. */
export function stationOf(stack: readonly Frame[]): Station | "idle" {
  const innermost = stack.at(-1);
  if (innermost === undefined) return "other";
  if (innermost.functionName === "(idle)") return "idle";
  if (innermost.functionName === "(garbage collector)") return "garbage collection";
  const whole = stack.map((frame) => ruled(WITH_ALL_BELOW, frame)).find((station) => station !== null);
  if (whole !== undefined) return whole;
  const own = stack.map((frame) => ruled(OWN, frame)).findLast((station) => station !== null);
  return own ?? stack.map((frame) => ruled(WITHOUT_CALLER, frame)).findLast((station) => station !== null) ?? "other";
}

function ruled(rules: readonly Rule[], { url }: Frame): Station | null {
  return rules.find(({ urls }) => urls.some((part) => new RegExp(part).test(url)))?.station ?? null;
}
