import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "./support/scratch.ts";
import { sluice } from "./support/sluice-process.ts";
import { ROOT } from "./support/source-files.ts";

const folders = ["docs", "deploy", "queries"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(ROOT, folder, path)),
);
const documents = [...readdirSync(ROOT).map((path) => join(ROOT, path)), ...folders].filter((path) => path.endsWith(".md"));

/** Lines of indented code blocks. */
function commandsOf(document: string): string[] {
  const text = readFileSync(join(ROOT, document), "utf8");
  return [...text.matchAll(/^ {4}(?:npm ci && )?(npx sluice .*)$/gm)].map((match) => match[1] as string);
}

function argumentsOf(command: string): string[] {
  const words = command.replace(/^npx sluice /, "").matchAll(/"([^"]*)"|(\S+)/g);
  return [...words].map((match) => match[1] ?? match[2] ?? "");
}

describe("documents", () => {
  it.each(documents.map((path) => relative(ROOT, path)))("%s links to what is there", (document) => {
    const text = readFileSync(join(ROOT, document), "utf8");
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([]);
  });

  it("the README's commands work one after the other", { timeout: 120_000 }, async () => {
    const commands = commandsOf("README.md").filter((command) => !/sluice\.kafka\.yaml|sluice serve/.test(command));
    expect(commands.length).toBeGreaterThanOrEqual(4);
    const cwd = scratch();
    for (const command of commands) {
      const args = argumentsOf(command).map((word) => (word.startsWith("queries/") ? join(ROOT, word) : word));
      const config = ["demo", "init"].includes(args[0] ?? "") ? [] : ["--config", join(ROOT, "sluice.yaml")];
      const { code, stdout, stderr } = await sluice([...args, ...config], { cwd });
      expect([command, code, stderr]).toEqual([command, 0, expect.not.stringContaining("error ")]);
      expect([command, stdout + stderr]).not.toEqual([command, ""]);
    }
  });
});
