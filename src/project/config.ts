import { LineCounter, parseDocument } from "yaml";
import { likeliest } from "../../grammar/nearest.ts";
import { INITIAL_SETTINGS, withSetting } from "../analyze/settings.ts";
import { SluiceError } from "../errors.ts";
import type { ConnectionConfig, ConnectionKind } from "../ports/connection.ts";
import { type ConfigLines, type ConfigPath, configLines } from "./config-lines.ts";
import { substitute, type Variables } from "./substitute.ts";

/** What `sluice.yaml` says, checked; connection settings are still as written (`connectionConfig` fills them in). */
export interface Config {
  /** For messages; null: there is no file. */
  readonly file: string | null;
  readonly connections: ReadonlyMap<string, ConnectionConfig>;
  readonly defaultSource: string;
  readonly defaultSink: string;
  /** Settings by pipeline name. */
  readonly pipelines: ReadonlyMap<string, Settings>;
  /** As written: what a server needs is checked by it. */
  readonly server: Settings;
  readonly lineOf: ConfigLines;
}

type Settings = Readonly<Record<string, unknown>>;

/** Exists always, so that everything can be tried without any service. */
export const EMBEDDED: ConnectionConfig = { name: "embedded", kind: "embedded", as: "embedded", settings: {} };

export const NO_CONFIG: Config = {
  file: null,
  connections: new Map([[EMBEDDED.name, EMBEDDED]]),
  defaultSource: EMBEDDED.name,
  defaultSink: EMBEDDED.name,
  pipelines: new Map(),
  server: {},
  lineOf: () => 1,
};

const SECTIONS = ["connections", "defaults", "pipelines", "server"];
const KINDS: readonly ConnectionKind[] = ["embedded", "kafka", "elasticsearch", "cassandra"];
const STANDS_FOR: readonly ConnectionKind[] = ["kafka", "elasticsearch", "cassandra"];

/** Reads the text of `sluice.yaml`; CONFIG_INVALID names file, line and key. */
export function parseConfig(text: string, file: string): Config {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = counter.linePos(broken.pos[0]);
    throw new SluiceError("CONFIG_INVALID", `${file}:${line}:${col}: ${broken.message}`);
  }
  const reader = new Reader(file, configLines(document, counter));
  const root = reader.map(document.toJS(), []);
  reader.onlyKeys(root, SECTIONS, []);
  const connections = readConnections(root["connections"], reader);
  const { source, sink } = readDefaults(root["defaults"], connections, reader);
  return {
    file,
    connections,
    defaultSource: source,
    defaultSink: sink,
    pipelines: readPipelines(root["pipelines"], reader),
    server: reader.map(root["server"], ["server"]),
    lineOf: reader.lineOf,
  };
}

/** Says what is wrong with the configuration, and where. */
class Reader {
  readonly lineOf: ConfigLines;
  private readonly file: string;

  constructor(file: string, lineOf: ConfigLines) {
    this.file = file;
    this.lineOf = lineOf;
  }

  fail(path: ConfigPath, problem: string, hint?: string | null): never {
    throw invalid(this.file, this.lineOf, path, problem, hint);
  }

  /** A section; an empty one is a map without keys. */
  map(value: unknown, path: ConfigPath): Settings {
    if (value === undefined || value === null) return {};
    if (typeof value !== "object" || Array.isArray(value)) this.fail(path, "must be a map of keys and values");
    return value as Settings;
  }

  onlyKeys(map: Settings, known: readonly string[], path: ConfigPath): void {
    for (const key of Object.keys(map)) {
      if (!known.includes(key)) this.fail([...path, key], "is unknown", suggestion(key, known));
    }
  }

  oneOf<T extends string>(value: unknown, known: readonly T[], path: ConfigPath): T {
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) {
      this.fail(path, value === undefined ? "is missing" : `cannot be ${JSON.stringify(value)}`, suggestion(String(value), known));
    }
    return found;
  }
}

function invalid(file: string, lineOf: ConfigLines, path: ConfigPath, problem: string, hint?: string | null): SluiceError {
  const subject = path.length === 0 ? "the configuration" : path.join(".");
  const options = hint === undefined || hint === null ? {} : { hint };
  return new SluiceError("CONFIG_INVALID", `${file}:${lineOf(path)}: ${subject} ${problem}`, options);
}

function suggestion(written: string, known: readonly string[]): string {
  const meant = likeliest(written, known);
  return meant === null ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
}

function readConnections(section: unknown, reader: Reader): ReadonlyMap<string, ConnectionConfig> {
  const connections = new Map([[EMBEDDED.name, EMBEDDED]]);
  for (const [name, value] of Object.entries(reader.map(section, ["connections"]))) {
    const path = ["connections", name];
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) reader.fail(path, "is no name: letters, digits, _ and - make one");
    const { kind: writtenKind, as: writtenAs, ...settings } = reader.map(value, path);
    const kind = reader.oneOf(writtenKind, KINDS, [...path, "kind"]);
    if (writtenAs !== undefined && kind !== "embedded") reader.fail([...path, "as"], "is for connections of the kind embedded");
    const as = writtenAs === undefined ? kind : reader.oneOf(writtenAs, STANDS_FOR, [...path, "as"]);
    if (name === EMBEDDED.name && as !== "embedded") reader.fail(path, "is built in and stays of the kind embedded", "choose another name");
    connections.set(name, { name, kind, as, settings });
  }
  return connections;
}

function readDefaults(section: unknown, connections: ReadonlyMap<string, unknown>, reader: Reader) {
  const defaults = reader.map(section, ["defaults"]);
  reader.onlyKeys(defaults, ["source", "sink"], ["defaults"]);
  const names = [...connections.keys()];
  const connection = (key: "source" | "sink"): string =>
    defaults[key] === undefined ? EMBEDDED.name : reader.oneOf(defaults[key], names, ["defaults", key]);
  return { source: connection("source"), sink: connection("sink") };
}

function readPipelines(section: unknown, reader: Reader): ReadonlyMap<string, Settings> {
  const pipelines = new Map<string, Settings>();
  for (const [name, value] of Object.entries(reader.map(section, ["pipelines"]))) {
    const path = ["pipelines", name];
    const settings = reader.map(value, path);
    for (const [key, given] of Object.entries(settings)) {
      const result = withSetting(INITIAL_SETTINGS, key, given);
      if (!result.ok) reader.fail([...path, key], `is refused: ${result.message}`, result.hint);
    }
    pipelines.set(name, settings);
  }
  return pipelines;
}

/** Settings under a name that is no pipeline's would change nothing, and nobody would notice. Throws CONFIG_INVALID. */
export function refuseUnknownPipelines({ file, pipelines, lineOf }: Config, known: readonly string[]): void {
  for (const name of pipelines.keys()) {
    if (known.includes(name)) continue;
    const problem = "has settings, but there is no such pipeline";
    throw invalid(file ?? "", lineOf, ["pipelines", name], problem, known.length === 0 ? null : suggestion(name, known));
  }
}

/**
 * A connection with `${ENV}` filled in. Only now, so that a project can be checked where the secrets of its connections are not set.
 * Throws CONNECTION_UNKNOWN and CONFIG_INVALID.
 */
export function connectionConfig(config: Config, name: string, variables: Variables): ConnectionConfig {
  const connection = config.connections.get(name);
  if (connection === undefined) {
    const hint = suggestion(name, [...config.connections.keys()]);
    throw new SluiceError("CONNECTION_UNKNOWN", `there is no connection '${name}'`, { hint });
  }
  const settings = Object.entries(connection.settings).map(([key, written]) => {
    const result = substitute(written, variables);
    if (result.ok) return [key, result.value] as const;
    const problem =
      result.problem.missing !== null
        ? `needs the environment variable ${result.problem.missing}, which is not set`
        : "has a ${ that names no variable";
    const hint = result.problem.missing !== null ? `set it, or write \${${result.problem.missing}:-default}` : "write $${ for a plain ${";
    throw invalid(config.file ?? "", config.lineOf, ["connections", name, key], problem, hint);
  });
  return { ...connection, settings: Object.fromEntries(settings) };
}

/** An adapter's CONFIG_INVALID names the key (`connections.kafka.brokers`) but cannot know the line: put it in front. */
export function withConfigLine(error: SluiceError, { file, lineOf }: Config): SluiceError {
  const path = /^(connections\.[\w-]+(?:\.[\w-]+)*)[ :]/.exec(error.message)?.[1]?.split(".");
  if (error.code !== "CONFIG_INVALID" || path === undefined || file === null) return error;
  const hint = error.hint === null ? {} : { hint: error.hint };
  return new SluiceError(error.code, `${file}:${lineOf(path)}: ${error.message}`, { ...hint, cause: error });
}
