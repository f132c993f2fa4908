import type { Command } from "commander";
import { SluiceError } from "../errors.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import { linesOf, recordOf } from "../project/ndjson.ts";
import { openNamed } from "../project/open-named.ts";
import { ensureTopic, resolveTopic } from "../project/resolve-topic.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { counted, say } from "./output.ts";

interface ProduceOptions {
  readonly connection?: string;
  readonly key?: string;
  readonly timestamp?: string;
}

export function produceCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("produce", "writes NDJSON from standard input to a topic, a line a record")
    .argument("<topic>", "a topic, as after FROM")
    .option("--connection <name>", "where the topic is (default: defaults.source)")
    .option("--key <field>", "the field that becomes the record key (default: as the stream is declared)")
    .option("--timestamp <field>", "the field that becomes the record timestamp (default: as declared, else now)")
    .addHelpText(
      "after",
      examples(
        "sluice produce temperatures < readings.ndjson",
        "sluice produce kafka.orders --key customer --timestamp at < orders.ndjson",
      ),
    );
  return defineCommand<[string], ProduceOptions>(command, setExitCode, async (options, name) => {
    const project = await openProjectOf(options);
    const target = resolveTopic(project, name, options.connection);
    const { environment } = await import("../project/environment.ts");
    const connection = await openNamed(project, environment, target.connection, (subject, message) => void say(`${subject}: ${message}`));
    const { source } = connection;
    if (source === null) throw new SluiceError("USAGE", `'${target.connection}' has no topics`);
    const fields = {
      key: options.key ?? target.stream?.keyField ?? null,
      timestamp: options.timestamp ?? target.stream?.timestampField ?? null,
    };
    try {
      const partitions = await ensureTopic(source, target, connection.config.kind === "embedded");
      const count = await appendAll(source, target.topic, fields, environment.clock.now);
      await say(`${counted(count, "record")} to ${target.connection}.${target.topic} (${counted(partitions, "partition")})`);
    } finally {
      await connection.close();
    }
    return 0;
  });
}

/** Waits for each batch before it reads on. What stands before a bad line is written. */
async function appendAll(
  source: Source,
  topic: string,
  fields: { readonly key: string | null; readonly timestamp: string | null },
  now: () => number,
): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(process.stdin)) {
    const records: RawRecord[] = [];
    let problem: unknown = null;
    for (const line of lines) {
      try {
        records.push(recordOf(line, fields, now()));
      } catch (error) {
        problem = error;
        break;
      }
    }
    await source.append(topic, records);
    count += records.length;
    if (problem !== null) {
      await say(`written before: ${counted(count, "record")}`);
      throw problem;
    }
  }
  return count;
}
