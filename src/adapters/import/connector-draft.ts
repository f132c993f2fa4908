import type { ConnectorProperty } from "./connector-file.ts";

/** What became of a property: the same here, the same with another result, or nothing. */
export type ImportOutcome = "carried" | "differs" | "dropped";

export interface ImportNote {
  readonly outcome: ImportOutcome;
  /** null: said of the connector as a whole. */
  readonly property: ConnectorProperty | null;
  readonly message: string;
}

/** `SET 'name' = value` */
export interface ImportedSetting {
  readonly name: string;
  readonly value: string | number;
  readonly comments: readonly string[];
}

export interface ConnectionEntry {
  readonly value: string | number | readonly string[];
  readonly comments: readonly string[];
}

/** A connection as `sluice.yaml` has it; secrets are `${NAME}`. */
export interface ImportedConnection {
  readonly name: string;
  readonly kind: "kafka" | "elasticsearch" | "cassandra";
  readonly settings: ReadonlyMap<string, ConnectionEntry>;
}

/** An environment variable that must be set before the connection can be used. */
export interface ImportedSecret {
  readonly variable: string;
  readonly property: ConnectorProperty;
}

/** What Kafka Connect's converters say of keys and values; null: what Sluice takes them for anyway. */
export interface ImportedFormats {
  readonly key: string | null;
  readonly value: string | null;
}

/** A reference of Kafka Connect to a secret of its own: `${env:NAME}`, `${file:/path:key}`. */
const REFERENCE = /^\$\{([\w-]+):(?:.*:)?([^:}]+)\}$/s;

/** What the rules of a connector have made of its properties so far. */
export class ConnectorDraft {
  readonly settings: ImportedSetting[] = [];
  readonly sinkSettings = new Map<string, ConnectionEntry>();
  readonly kafkaSettings = new Map<string, ConnectionEntry>();
  readonly secrets: ImportedSecret[] = [];
  readonly notes: ImportNote[] = [];
  formats: ImportedFormats = { key: null, value: null };
  kcql: ConnectorProperty | null = null;
  /** The list that Kafka Connect wants beside the routes. */
  topics: ConnectorProperty | null = null;
  /** Rows in one request of each statement. */
  batch: number | null = null;
  /** Where Cassandra's tables are, of which the routes tell the name alone. */
  keyspace: string | null = null;
  readonly sink: string;
  readonly source: string;
  private readonly byName: ReadonlyMap<string, ConnectorProperty>;

  constructor(properties: readonly ConnectorProperty[], names: { readonly source: string; readonly sink: string }) {
    this.byName = new Map(properties.map((property) => [property.name, property]));
    this.source = names.source;
    this.sink = names.sink;
  }

  properties(): readonly ConnectorProperty[] {
    return [...this.byName.values()];
  }

  property(name: string): ConnectorProperty | null {
    return this.byName.get(name) ?? null;
  }

  /** The value of a property, without blanks around it; null: not given or empty. */
  text(name: string): string | null {
    const value = this.byName.get(name)?.value.trim() ?? "";
    return value === "" ? null : value;
  }

  note(outcome: ImportOutcome, property: ConnectorProperty | null, message: string): void {
    this.notes.push({ outcome, property, message });
  }

  set(property: ConnectorProperty, name: string, value: string | number, difference: string | null = null): void {
    this.settings.push({ name, value, comments: property.comments });
    const written = `SET '${name}' = ${typeof value === "number" ? value : `'${value}'`}`;
    this.note(difference === null ? "carried" : "differs", property, difference === null ? written : `${written}: ${difference}`);
  }

  connect(property: ConnectorProperty, key: string, value: ConnectionEntry["value"], difference: string | null = null): void {
    const entry = typeof value === "string" ? plainText(value) : Array.isArray(value) ? value.map(plainText) : value;
    this.sinkSettings.set(key, { value: entry, comments: property.comments });
    const written = `connections.${this.sink}.${key}`;
    this.note(difference === null ? "carried" : "differs", property, difference === null ? written : `${written}: ${difference}`);
  }

  /** A value that is never written down: the environment variable that must hold it. */
  secret(property: ConnectorProperty, key: string): void {
    const reference = REFERENCE.exec(property.value.trim());
    const own = `${this.sink}_${key}`;
    const variable = (reference?.[1] === "env" ? (reference[2] ?? own) : own).replaceAll(/\W/g, "_").toUpperCase();
    this.sinkSettings.set(key, { value: `\${${variable}}`, comments: property.comments });
    this.secrets.push({ variable, property });
    this.note("carried", property, `connections.${this.sink}.${key} is the environment variable ${variable}`);
  }
}

/** `${` would be taken for an environment variable; what Kafka Connect takes from one is one here too. */
function plainText(text: string): string {
  const reference = REFERENCE.exec(text.trim());
  return reference?.[1] === "env" ? `\${${reference[2]}}` : text.replaceAll("${", "$${");
}
