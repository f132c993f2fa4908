import { Document, isMap, isScalar, type Pair, parseDocument, YAMLMap } from "yaml";
import type { ImportedConnection } from "../../adapters/import/connector-draft.ts";
import { SluiceError } from "../../errors.ts";

export interface MergedConfig {
  readonly text: string;
  readonly added: readonly string[];
  /** Connections of these names were there, and stay as they are. */
  readonly kept: readonly string[];
}

/**
 * The text of `sluice.yaml` with the connections in it. One that is there already stays as it is, if it is of the same kind (or an
 * embedded one that stands in for it); else CONFIG_INVALID. With `replace` it is replaced.
 */
export function mergeConnections(existing: string | null, connections: readonly ImportedConnection[], replace: boolean): MergedConfig {
  const document = existing === null ? new Document({}) : parseDocument(existing);
  const [broken] = document.errors;
  if (broken !== undefined) throw new SluiceError("CONFIG_INVALID", `sluice.yaml: ${broken.message}`);
  const added: string[] = [];
  const kept: string[] = [];
  for (const connection of connections) {
    const there = document.getIn(["connections", connection.name]);
    if (there === undefined || replace) {
      if (!isMap(document.get("connections"))) document.set("connections", new YAMLMap());
      document.setIn(["connections", connection.name], connectionNode(document, connection));
      added.push(connection.name);
    } else if (isMap(there) && [there.get("kind"), there.get("as")].includes(connection.kind)) kept.push(connection.name);
    else {
      const message = `connections.${connection.name} of sluice.yaml is there already, and is no connection of the kind ${connection.kind}`;
      throw new SluiceError("CONFIG_INVALID", message, { hint: "--sink and --source choose other names, --force replaces it" });
    }
  }
  return { text: document.toString({ lineWidth: 0 }), added, kept };
}

function connectionNode(document: Document, { kind, settings }: ImportedConnection): YAMLMap {
  const values = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]));
  const node = document.createNode({ kind, ...values }) as YAMLMap;
  for (const { key } of node.items as Pair[]) {
    const comments = isScalar(key) ? (settings.get(String(key.value))?.comments ?? []) : [];
    if (isScalar(key) && comments.length > 0) key.commentBefore = comments.map((comment) => ` ${comment}`).join("\n");
  }
  return node;
}
