import { type Command, Option } from "commander";
import { parse } from "../../grammar/parse.ts";
import { analyzeQuery } from "../analyze/analyze-query.ts";
import { hasErrors } from "../analyze/reporter.ts";
import { withVariables } from "../analyze/variables.ts";
import { SluiceError } from "../errors.ts";
import type { BoundStatement } from "../model/statement.ts";
import { environment } from "../project/environment.ts";
import { openNamed } from "../project/open-named.ts";
import { PipelineGroup } from "../project/pipeline-group.ts";
import type { Project } from "../project/project.ts";
import { inThisThread } from "../runtime/pipeline-thread.ts";
import { type CommonOptions, defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { INTERRUPTED, onInterruption } from "./interruption.ts";
import { PipelineWatch } from "./pipeline-watch.ts";
import { printDiagnostics } from "./print-diagnostics.ts";
import { exitCodeOf } from "./report.ts";
import { OUTPUT_FORMATS, type OutputFormat, RowsOutput } from "./rows-output.ts";

interface QueryOptions extends CommonOptions {
  readonly output?: OutputFormat;
  readonly untilEnd?: boolean;
  readonly from?: "earliest" | "latest";
}

export function queryCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("query", "one SELECT: on an index or table it ends, on a topic it follows unless --until-end or LIMIT")
    .argument("<sql>", "the SELECT, after any SET and CREATE STREAM")
    .addOption(new Option("-o, --output <format>", "table on a terminal, else ndjson").choices([...OUTPUT_FORMATS]))
    .option("--until-end", "of a topic: from the beginning to the end that it has now")
    .addOption(
      new Option("--from <where>", "of a topic: where to begin (default: latest; with --until-end earliest)").choices([
        "earliest",
        "latest",
      ]),
    )
    .addHelpText(
      "after",
      examples(
        `sluice query "SELECT * FROM elastic.hot_homes" --output ndjson`,
        `sluice query "SELECT deviceId, temperature FROM temperatures WHERE temperature > 29 LIMIT 10" --from earliest`,
        `sluice query "SELECT homeId, COUNT(*) AS n FROM cassandra.iot.temperatures_1m GROUP BY homeId"`,
      ),
    );
  return defineCommand<[string], QueryOptions>(command, setExitCode, query);
}

async function query(options: QueryOptions, sql: string): Promise<number> {
  const project = await openProjectOf(options);
  const { statement, diagnostics } = analyzeQuery(withVariables(parse(sql)), { catalog: project.catalog });
  await printDiagnostics(process.stderr, { file: "query", text: sql, diagnostics });
  if (statement === null) {
    if (!hasErrors(diagnostics)) throw new SluiceError("USAGE", "there is no SELECT to run");
    return 1;
  }
  const isBounded = options.untilEnd === true || !(await isTopic(project, statement));
  const watch = new PipelineWatch();
  const rows = new RowsOutput(process.stdout, options.output ?? (process.stdout.isTTY ? "table" : "ndjson"));
  let writing: Promise<void> = Promise.resolve();
  const group = await PipelineGroup.start({
    project,
    pipelines: [{ name: "query", statements: [isBounded ? asBounded(statement) : statement], parallelism: 1, declaredTopics: [] }],
    env: environment,
    startThread: inThisThread(environment),
    until: isBounded ? "ends" : "follow",
    close: isBounded,
    start: options.from ?? (isBounded ? "earliest" : null),
    keepState: false,
    onMessage: (message, handle) => {
      if (message.kind === "rows") writing = writing.then(() => rows.write(message.documents)).then(() => handle.rowsTaken(message.batch));
      else if (message.kind !== "progress" && message.kind !== "done" && message.kind !== "running") watch.take(message);
    },
  });
  const interruption = onInterruption(
    (withinMs) => group.stop(withinMs),
    () => {},
  );
  const ended = await group.ended;
  interruption.dispose();
  await writing;
  await rows.close();
  const code = exitCodeOf(ended, watch.failures);
  return code === 0 && interruption.happened() ? INTERRUPTED : code;
}

/** What ends shows each result once, when it is final. */
function asBounded(statement: BoundStatement): BoundStatement {
  return statement.window === null ? statement : { ...statement, emit: "final" };
}

async function isTopic(project: Project, { source }: BoundStatement): Promise<boolean> {
  const connection = await openNamed(project, environment, source.connection, () => {});
  try {
    return connection.source !== null && (await connection.source.describeTopic(source.topic)) !== null;
  } finally {
    await connection.close();
  }
}
