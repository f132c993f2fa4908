import { parseArgs } from "node:util";

export interface Options {
  readonly only: RegExp;
  readonly rounds: number;
  readonly messages: number;
  readonly optional: boolean;
  readonly verifyAll: boolean;
  /** No further run is started after so long. */
  readonly minutes: number;
  /** A broker that is there already, or null: one of our own. */
  readonly broker: string | null;
  readonly action: "measure" | "resume" | "list" | "table" | "stop" | "wipe" | "help";
}

export const HELP = `usage: npm run bench -- [OPTIONS]

Measures Sluice beside Kafka Streams and Flink SQL on one real broker, the same data, rounds interleaved. Prepares what is
missing: the broker, the data, the peers (Java 17 or newer and Maven). Writes bench/results/DATE-COMMIT.json and the table
and plot of docs/performance.md, unless only some of the runs were chosen.

  --only REGEX      runs whose names match (--list)
  --optional        the optional ones too: they need much disk or another build
  --rounds N        5 unless given
  --messages N      of the standard data set; 5,000,000 unless given
  --verify-all      read the outputs back in every round, not just in the first
  --minutes N       start no further run after so long; go on with --resume
  --resume          go on with the session that was begun last
  --table           write results, table and plot of the last session, as far as it is
  --list            the runs and what they do
  --broker HOST:PORT  measure on a broker that is there; what it costs is then not known
  --stop            stop the broker; its data stays
  --wipe            stop it and delete its data
  --help            this text

Everything is kept below .bench of the checkout. The broker stays for the next run, until --stop.
Measure on a quiet machine: the column "other cores" shows whether it was.
`;

const ACTIONS = ["resume", "list", "table", "stop", "wipe", "help"] as const;

export function parseOptions(args: readonly string[]): Options {
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "." },
      rounds: { type: "string", default: "5" },
      messages: { type: "string", default: "5000000" },
      minutes: { type: "string", default: "Infinity" },
      broker: { type: "string" },
      optional: flag,
      "verify-all": flag,
      resume: flag,
      list: flag,
      table: flag,
      stop: flag,
      wipe: flag,
      help: { ...flag, short: "h" },
    },
  });
  const chosen = ACTIONS.filter((action) => values[action]);
  if (chosen.length > 1) throw new Error(`--${chosen.join(" and --")} do not go together`);
  return {
    only: new RegExp(values.only),
    rounds: whole("rounds", values.rounds, 1),
    messages: whole("messages", values.messages, 1_000),
    minutes: minutes(values.minutes),
    broker: values.broker ?? null,
    optional: values.optional,
    verifyAll: values["verify-all"],
    action: chosen[0] ?? "measure",
  };
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text.replaceAll(/[_,]/g, ""));
  if (!Number.isSafeInteger(value) || value < min) throw new Error(`--${name}: a whole number from ${min} is wanted, not ${text}`);
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value) || value < 0) throw new Error(`--minutes: a number is wanted, not ${text}`);
  return value;
}
