/** The names that completion and hover know: functions, settings, types, and what the catalog and the text itself declare. */
import type { KnownName, KnownNames, KnownSetting } from "../../grammar/known-names.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { listFunctions } from "../functions/registry.ts";
import { type DataType, typeName } from "../model/type.ts";
import { STREAM_OPTIONS } from "./declare-stream.ts";
import { dotted } from "./resolve-name.ts";
import { TYPE_NAMES } from "./resolve-type.ts";
import { SETTING_NAMES, SETTINGS, type SettingSpec, wordsOf } from "./settings.ts";

/** With the streams that the text declares itself; `pipelines` are those of the project. */
export function knownNames(catalog: Catalog, { statements }: ParseResult, pipelines: readonly string[] = []): KnownNames {
  const streams = new Map<string, readonly KnownName[]>();
  for (const { name, columns } of catalog.streams.values()) {
    streams.set(
      name,
      columns.flatMap((column) => fieldNames(column.name, column.type)),
    );
  }
  for (const statement of statements) {
    if (statement.kind !== "create") continue;
    const columns = statement.columns.map(({ name, type }) => ({ name: name.name, detail: type.name, doc: null }));
    if (!streams.has(dotted(statement.name))) streams.set(dotted(statement.name), columns);
  }
  const connections = [...catalog.connections.values()].map(({ name, kind }) => ({ name, detail: kind, doc: null }));
  const inConnections = connections.map(({ name, detail }) => ({ name: `${name}.`, detail, doc: null }));
  const relations = [...[...streams.keys()].map((name) => ({ name, detail: "STREAM", doc: null })), ...inConnections];
  return {
    functions: listFunctions().flatMap(({ name, synonyms, signature, doc }) =>
      [name, ...synonyms].map((one) => ({ name: one, detail: signature, doc })),
    ),
    relations,
    targets: relations,
    connections,
    pipelines: pipelines.map((name) => ({ name, detail: null, doc: null })),
    settings: SETTING_NAMES.map(settingOf),
    options: STREAM_OPTIONS.map((name) => ({ name, detail: null, doc: null })),
    types: TYPE_NAMES.map((name) => ({ name, detail: null, doc: null })),
    fieldsOf: (relation) => streams.get(relation) ?? streams.get(relation.slice(relation.indexOf(".") + 1)) ?? [],
  };
}

/** A column and, of a STRUCT, its fields with their paths. */
export function fieldNames(name: string, type: DataType): readonly KnownName[] {
  const inner = type.kind === "struct" ? type.fields.flatMap((field) => fieldNames(`${name}.${field.name}`, field.type)) : [];
  return [{ name, detail: typeName(type), doc: null }, ...inner];
}

function settingOf(name: (typeof SETTING_NAMES)[number]): KnownSetting {
  const spec: SettingSpec<unknown> = SETTINGS[name];
  const { type, doc } = spec;
  return { name, detail: type, doc, values: wordsOf(spec) };
}
