import type { Command } from "commander";
import { RecordEncoder } from "../adapters/codecs/record-encoder.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import { SluiceError } from "../errors.ts";
import { writingLayout } from "../model/format.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import { type Line, linesOf, recordOf } from "../project/ndjson.ts";
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
  const command = newCommand("produce", "writes NDJSON from standard input to a topic, a line a record, in the format of its stream")
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
      const encoder = encoderOf(target.stream, options.key ?? null);
      const count = await appendAll(source, target.topic, (line) => recordOf(line, fields, environment.clock.now(), encoder));
      await say(`${counted(count, "record")} to ${target.connection}.${target.topic} (${counted(partitions, "partition")})`);
    } finally {
      await connection.close();
    }
    return 0;
  });
}

/** Writes lines as the stream is laid out; null: they are written as they stand. A key of the command line is text. */
function encoderOf(stream: DeclaredStream | null, key: string | null): RecordEncoder | null {
  if (stream === null) return null;
  const layout = writingLayout(stream.layout);
  const isOwnKey = key === null || key === stream.keyField;
  return layout.key === null && layout.value === null ? null : new RecordEncoder(isOwnKey ? layout : { ...layout, key: null });
}

/** Waits for each batch before it reads on. What stands before a bad line is written. */
async function appendAll(source: Source, topic: string, toRecord: (line: Line) => RawRecord): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(process.stdin)) {
    const records: RawRecord[] = [];
    let problem: unknown = null;
    for (const line of lines) {
      try {
        records.push(toRecord(line));
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
