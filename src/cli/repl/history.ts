import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { REPLServer } from "node:repl";

/** Statements that are kept. */
export const HISTORY_SIZE = 1_000;

/** `SLUICE_HISTORY`, else where the XDG base directories say; null: it is set to nothing, and nothing is kept. */
export function historyFile(env: NodeJS.ProcessEnv): string | null {
  const { SLUICE_HISTORY: said, XDG_STATE_HOME: state } = env;
  if (said !== undefined) return said === "" ? null : said;
  return join(state || join(homedir(), ".local", "state"), "sluice", "history");
}

/** Statements of earlier sessions, then of this one, in a file that its owner alone can read. Where it cannot be kept, it is said. */
export async function keepHistory(server: REPLServer, file: string | null): Promise<void> {
  // In place: what follows the line being typed is found by its position.
  server.on("history", (history: string[]) => {
    if (history[0] !== undefined) history[0] = withoutSecrets(history[0]);
  });
  if (file === null) return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch {
    // The file cannot be opened then either, which the editor tells.
  }
  await new Promise<void>((resolve) => {
    server.setupHistory({ filePath: file, size: HISTORY_SIZE, removeHistoryDuplicates: true, onHistoryFileLoaded: () => resolve() });
  });
}

const HIDDEN = "***";

/** Passwords in addresses, and texts behind words that mean secrets. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/(:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/g, `$1${HIDDEN}`)
    .replace(/(passw(?:or)?d|secret|token|api[_.-]?key|credential)s?(['"`]?\s*(?:=>?|:|\s)\s*)('[^']*'|"[^"]*"|\S+)/gi, `$1$2'${HIDDEN}'`);
}
