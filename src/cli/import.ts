import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { DIALECTS, type Dialect, findDialect } from "../adapters/import/dialects.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { diagnosticsJson } from "../project/diagnostics-json.ts";
import { type ImportResult, importFile } from "../project/import/import-file.ts";
import { type MergedConfig, mergeConnections } from "../project/import/merge-connections.ts";
import { QUERIES } from "../project/pipeline-files.ts";
import { readSourceText, reasonOf } from "../project/source-text.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { importReport } from "./import-report.ts";
import { print, say } from "./output.ts";
import { printDiagnostics } from "./print-diagnostics.ts";

interface ImportCommandOptions {
  readonly dialect?: Dialect;
  readonly name?: string;
  readonly source?: string;
  readonly sink?: string;
  readonly key: ReadonlyMap<string, readonly string[]>;
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** A file of the project, with what it should hold. */
interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

export function importCommand(setExitCode: SetExitCode): Command {
  const command = new Command("import")
    .description("makes a pipeline of a Stream Reactor connector's configuration, or of another system's SQL")
    .argument("<file>", "a connector's .properties or JSON, or a .sql file")
    .option("--dialect <name>", `of a .sql file: ${DIALECTS.map(({ name }) => name).join(", ")}`, dialectOf)
    .option("--name <name>", "of the pipeline (default: the connector's, or the file's)", pipelineNameOf)
    .option("--source <connection>", "what to call the connection to Kafka (default: kafka)", connectionNameOf)
    .option("--sink <connection>", "what to call the connector's connection (default: elastic or cassandra)", connectionNameOf)
    .option(
      "--key <table=columns>",
      "primary key of a Cassandra table, for routes without PK; can be given several times",
      keyOf,
      new Map(),
    )
    .option("--output <dir>", "the project to write into (default: everything is printed)")
    .option("--dry-run", "with --output: prints what would be written")
    .option("--force", "overwrites what is there")
    .option("--json", "files and report as JSON")
    .addHelpText("after", examples(...EXAMPLES));
  return defineCommand<[string], ImportCommandOptions>(command, setExitCode, async (options, file) => runImport(file, options));
}

const EXAMPLES = [
  "sluice import elastic-sink.properties",
  "sluice import cassandra-sink.json --output . --key iot.readings=device_id,at",
  "sluice import views.sql --dialect postgresql --output .",
];

async function runImport(file: string, options: ImportCommandOptions): Promise<number> {
  const { dialect = null, name = null, source = null, sink = null, key: keys } = options;
  if (dialect === null && extname(file).toLowerCase() === ".sql") {
    throw new SluiceError("USAGE", `${file} is SQL, of which --dialect is missing`, { hint: "--dialect postgresql, for example" });
  }
  const { text } = await readSourceText(file, LIMITS.foreignBytesMax);
  const result = await importFile(file, text, { dialect, name, source, sink, keys });
  if ("problems" in result) {
    if (options.json) await print(JSON.stringify({ problems: diagnosticsJson({ text, diagnostics: result.problems }) }, null, 2));
    else await printDiagnostics(process.stderr, { file, text, diagnostics: result.problems });
    return 1;
  }
  const merged = result.connections.length === 0 ? null : await configWith(result, options);
  const files = filesOf(result, merged);
  const isWritten = options.output !== undefined && !options.dryRun;
  if (options.output !== undefined) refuseOverwriting(files, options.output, options.force === true);
  if (isWritten) for (const one of files) await writeWhole(join(options.output ?? "", one.path), one.text);
  if (options.json) await print(JSON.stringify(jsonOf(result, files, isWritten), null, 2));
  else {
    await print(isWritten ? files.map(({ path }) => `wrote ${join(options.output ?? "", path)}`).join("\n") : shown(files));
    await printDiagnostics(process.stderr, { file, text, diagnostics: result.warnings });
    await say(importReport(result, merged));
  }
  return 0;
}

const CONFIG = "sluice.yaml";

async function configWith({ connections }: ImportResult, { output, force = false }: ImportCommandOptions): Promise<MergedConfig> {
  const path = output === undefined ? null : join(output, CONFIG);
  const existing = path !== null && existsSync(path) ? (await readSourceText(path, LIMITS.foreignBytesMax)).text : null;
  return mergeConnections(existing, connections, force);
}

/** The configuration only where something in it has changed. */
function filesOf({ name, pipeline }: ImportResult, merged: MergedConfig | null): readonly ProjectFile[] {
  const files = [{ path: join(QUERIES, `${name}.sql`), text: pipeline }];
  return merged === null || merged.added.length === 0 ? files : [...files, { path: CONFIG, text: merged.text }];
}

/** The configuration is added to, never overwritten. */
function refuseOverwriting(files: readonly ProjectFile[], output: string, force: boolean): void {
  const taken = files.find(({ path }) => path !== CONFIG && existsSync(join(output, path)));
  if (taken === undefined || force) return;
  throw new SluiceError("USAGE", `${join(output, taken.path)} exists already; nothing was changed`, {
    hint: "--name chooses another name, --force overwrites it",
  });
}

async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new SluiceError("FILE_UNREADABLE", `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const shown = (files: readonly ProjectFile[]): string =>
  files.map(({ path, text }) => `${path.endsWith(".sql") ? "--" : "#"} ${path}\n\n${text}`).join("\n");

function jsonOf(result: ImportResult, files: readonly ProjectFile[], written: boolean) {
  const { name, notes, secrets, pipeline, diagnostics } = result;
  return { name, written, files, notes, secrets, diagnostics: diagnosticsJson({ text: pipeline, diagnostics }) };
}

function dialectOf(name: string): Dialect {
  const dialect = findDialect(name);
  if (dialect === null) throw new InvalidArgumentError(`Dialects are ${DIALECTS.map((one) => one.name).join(", ")}.`);
  return dialect;
}

function connectionNameOf(name: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(name) || name === "embedded") throw new InvalidArgumentError("Letters, digits, _ and - make a name.");
  return name;
}

function pipelineNameOf(name: string): string {
  if (!/^\w[\w.-]{0,199}$/.test(name)) throw new InvalidArgumentError("Letters, digits, _, - and . make a name.");
  return name;
}

function keyOf(text: string, before: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const [, table, columns] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  const names = columns?.split(",").map((column) => column.trim()) ?? [];
  if (table === undefined || names.includes("")) throw new InvalidArgumentError("For example --key iot.readings=device_id,at.");
  return new Map([...before, [table.trim(), names]]);
}
