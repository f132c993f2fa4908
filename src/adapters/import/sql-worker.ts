/** A thread for the foreign reader, which may take minutes for a short text: its starter ends it. */
import { parentPort, workerData } from "node:worker_threads";
import { must } from "../../assert.ts";
import type { ForeignTable } from "./foreign-table.ts";
import { readTable } from "./foreign-table.ts";
import { printAsMysql, readForeign } from "./sql-reader.ts";

export interface SqlWork {
  readonly dialect: string;
  readonly texts: readonly string[];
}

/** One for each text, in their order. */
export type SqlAnswer =
  | { readonly kind: "table"; readonly table: ForeignTable }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "error"; readonly message: string; readonly offset: number | null };

function answer(text: string, dialect: string): SqlAnswer {
  try {
    const tree = readForeign(text, dialect);
    const table = readTable(Array.isArray(tree) ? tree[0] : tree);
    return table === null ? { kind: "text", text: printAsMysql(tree) } : { kind: "table", table };
  } catch (error) {
    const { message = String(error), location } = error as { message?: string; location?: { start?: { offset?: number } } };
    return { kind: "error", message, offset: location?.start?.offset ?? null };
  }
}

const { dialect, texts } = workerData as SqlWork;
const port = must(parentPort);
for (const text of texts) port.postMessage(answer(text, dialect));
