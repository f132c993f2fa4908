import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter } from "yaml";

/** A place in the configuration: `["connections", "kafka", "brokers"]`. */
export type ConfigPath = readonly string[];

/** On which line a key of the configuration, or an item of a list, stands: its own, or that of the nearest key around it. 1-based. */
export type ConfigLines = (path: ConfigPath) => number;

const keyOf = (path: ConfigPath): string => JSON.stringify(path);

export function configLines(document: Document, counter: LineCounter): ConfigLines {
  const lines = new Map<string, number>();
  const note = (path: ConfigPath, offset: number): void => {
    lines.set(keyOf(path), counter.linePos(offset).line);
  };
  const visit = (node: unknown, path: ConfigPath): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const inner = [...path, String(key.value)];
        note(inner, key.range?.[0] ?? 0);
        visit(value, inner);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const inner = [...path, String(index)];
        if (isNode(item)) note(inner, item.range?.[0] ?? 0);
        visit(item, inner);
      }
    }
  };
  visit(document.contents, []);
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}
