import { dirname } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { likeliest } from "../../grammar/nearest.ts";
import { INITIAL_SETTINGS, withSetting } from "../analyze/settings.ts";
import { must } from "../assert.ts";
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
  /** Whose the pipelines of `queries/` are on a server; null: not said. */
  readonly owner: string | null;
  /** The one that was chosen; null: none. */
  readonly environment: string | null;
  /** What `${name}` stands for in statements, still as written (`projectVariables` fills them in). */
  readonly variables: Readonly<Record<string, string>>;
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
  owner: null,
  environment: null,
  variables: {},
  lineOf: () => 1,
};

const SECTIONS = ["owner", "connections", "defaults", "pipelines", "variables", "environments", "server"];
/** Of an environment: what it has instead of, or beside, that of all. */
const OVERRIDES = ["connections", "variables"];
const KINDS: readonly ConnectionKind[] = ["embedded", "kafka", "elasticsearch", "cassandra"];
const STANDS_FOR: readonly ConnectionKind[] = ["kafka", "elasticsearch", "cassandra"];

/** Reads the text of `sluice.yaml` as it is in an environment; CONFIG_INVALID names file, line and key. */
export function parseConfig(text: string, file: string, environment: string | null = null): Config {
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
  const environments = reader.map(root["environments"], ["environments"]);
  const inEnvironment = (name: string): EnvironmentPart => readEnvironment(root, name, reader);
  // All of them are read, so that a mistake in one is found wherever the file is checked.
  const read = Object.keys(environments).map(inEnvironment);
  const known = read.map(({ environment: name }) => name as string);
  const chosen =
    environment === null
      ? {
          environment,
          connections: readConnections(root["connections"], reader),
          variables: readVariables(root["variables"], reader),
          reader,
        }
      : read[known.indexOf(reader.oneOf(environment, known, ["environments"]))];
  const { reader: own, ...part } = must(chosen, "the environment");
  const { source, sink } = readDefaults(root["defaults"], part.connections, own);
  return {
    file,
    ...part,
    defaultSource: source,
    defaultSink: sink,
    pipelines: readPipelines(root["pipelines"], own),
    server: reader.map(root["server"], ["server"]),
    owner: readOwner(root["owner"], reader),
    lineOf: own.lineOf,
  };
}

type EnvironmentPart = Pick<Config, "environment" | "connections" | "variables"> & { readonly reader: Reader };

/** Keys of a connection that an environment gives take the place of those that all have; with a kind it is another connection. */
function readEnvironment(root: Settings, name: string, reader: Reader): EnvironmentPart {
  const place = ["environments", name];
  const given = reader.map(reader.map(root["environments"], ["environments"])[name], place);
  reader.onlyKeys(given, OVERRIDES, place);
  const connections: Record<string, unknown> = { ...reader.map(root["connections"], ["connections"]) };
  for (const [connection, settings] of Object.entries(reader.map(given["connections"], [...place, "connections"]))) {
    const own = reader.map(settings, [...place, "connections", connection]);
    connections[connection] = "kind" in own ? own : { ...reader.map(connections[connection], ["connections", connection]), ...own };
  }
  const variables = { ...reader.map(root["variables"], ["variables"]), ...reader.map(given["variables"], [...place, "variables"]) };
  const own = reader.within(place, given);
  return { environment: name, connections: readConnections(connections, own), variables: readVariables(variables, own), reader: own };
}

function readOwner(owner: unknown, reader: Reader): string | null {
  if (owner === undefined) return null;
  if (typeof owner === "string" && /^[\w.-]{1,100}$/.test(owner)) return owner;
  return reader.fail(["owner"], "is no name: letters, digits, _, - and . make one");
}

function readVariables(section: unknown, reader: Reader): Config["variables"] {
  return Object.fromEntries(
    Object.entries(reader.map(section, ["variables"])).map(([name, value]) => {
      if (!/^\w+$/.test(name)) reader.fail(["variables", name], "is no name: letters, digits and _ make one");
      if (!["string", "number", "boolean"].includes(typeof value)) reader.fail(["variables", name], "must be a text, a number or a truth");
      return [name, String(value)];
    }),
  );
}

/** Says what is wrong with the configuration, and where. */
class Reader {
  readonly lineOf: ConfigLines;
  private readonly file: string;

  constructor(file: string, lineOf: ConfigLines) {
    this.file = file;
    this.lineOf = lineOf;
  }

  /** Where a key is overridden at a place, that is its line. */
  within(place: ConfigPath, given: Settings): Reader {
    const isGiven = (path: ConfigPath): boolean => {
      let value: unknown = given;
      for (const key of path) value = typeof value === "object" && value !== null ? (value as Settings)[key] : undefined;
      return value !== undefined;
    };
    return new Reader(this.file, (path) => this.lineOf(isGiven(path) ? [...place, ...path] : path));
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
  return { ...connection, settings: filledIn(config, ["connections", name], connection.settings, variables) };
}

/** What `${name}` stands for in statements, with `${ENV}` filled in. Throws CONFIG_INVALID. */
export function projectVariables(config: Config, variables: Variables): Readonly<Record<string, string>> {
  return filledIn(config, ["variables"], config.variables, variables) as Record<string, string>;
}

/** Where paths in it begin. */
export function folderOf({ file }: Config): string {
  return file === null ? "." : dirname(file);
}

function filledIn(config: Config, section: ConfigPath, settings: Settings, variables: Variables): Settings {
  const filled = Object.entries(settings).map(([key, written]) => {
    const result = substitute(written, variables, folderOf(config));
    if (result.ok) return [key, result.value] as const;
    const { message, hint } = result.problem;
    throw invalid(config.file ?? "", config.lineOf, [...section, key], message, hint);
  });
  return Object.fromEntries(filled);
}

/** An adapter's CONFIG_INVALID names the key (`connections.kafka.brokers`) but cannot know the line: put it in front. */
export function withConfigLine(error: SluiceError, { file, lineOf }: Config): SluiceError {
  const path = /^(connections\.[\w-]+(?:\.[\w-]+)*)[ :]/.exec(error.message)?.[1]?.split(".");
  if (error.code !== "CONFIG_INVALID" || path === undefined || file === null) return error;
  const hint = error.hint === null ? {} : { hint: error.hint };
  return new SluiceError(error.code, `${file}:${lineOf(path)}: ${error.message}`, { ...hint, cause: error });
}
