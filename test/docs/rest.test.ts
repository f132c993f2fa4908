import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { ROUTES } from "../server/route-table.ts";
import { runningServer } from "../server/running-server.ts";
import { replaceBlock } from "../support/generated-block.ts";
import { scratch } from "../support/scratch.ts";
import { ServedProject } from "../support/served-project.ts";
import { until } from "../support/until.ts";

const PAGE = "../../docs/operations/rest.md";
const page = readFileSync(new URL(PAGE, import.meta.url), "utf8");

/** The status of each request comes on a line of its own behind its body. */
const CURL = `curl() { command curl --silent --show-error --max-time 20 --write-out '\\n%{http_code}\\n' "$@"; }`;
const run = promisify(execFile);

async function answers(commands: string, url: string, cwd: string): Promise<readonly string[]> {
  const { stdout } = await run("bash", ["-c", `${CURL}\n${commands.replaceAll("localhost:8080", new URL(url).host)}`], { cwd });
  return stdout.split("\n");
}

/** Commands, the statuses that they are answered with where that is no success, and what the page shows of the answer. */
const blocks = [...page.matchAll(/```sh\n(?:# (\d+)\n)?(.*?)```\n(?:\n((?: {4}[^\n]*\n)+)|\n```json\n(.*?)```)?/gs)].map(
  ([, status = "2..", commands = "", lines = "", json]) => ({ status, commands, lines: lines.match(/\S.*/g) ?? [], json }),
);

describe("docs/operations/rest.md", () => {
  it("has requests that are answered as it says", { timeout: 60_000 }, async () => {
    const folder = scratch({ "sluice.yaml": "", "queries/shop/hot.sql": "INSERT INTO shop SELECT id FROM readings PK id;" });
    const { url, request } = await runningServer({}, null, folder);
    expect(blocks.length).toBeGreaterThan(10);
    for (const { status, commands, lines, json } of blocks) {
      const shown = await answers(commands, url, folder);
      expect(shown.filter((line) => /^\d{3}$/.test(line)).join(" "), commands).toMatch(new RegExp(`^(${status} ?)+$`));
      expect(shown).toEqual(expect.arrayContaining(lines));
      if (json !== undefined) expect(JSON.parse(shown[0] as string)).toMatchObject(JSON.parse(json));
      const written = async () => (await request("GET", "/v1/pipelines/hot")).body.status.statements[0]?.counters.written;
      if (blocks[0]?.commands === commands) await until(async () => (await written()) === 2, "the results");
    }
  });

  it("lists all operations", async () => {
    const { request } = await runningServer();
    const { paths } = (await request("GET", "/openapi.json")).body as { paths: Record<string, Record<string, Record<string, string>>> };
    const rows = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId = "", summary }]) => {
        return `| \`${method.toUpperCase()} ${path}\` | ${ROUTES[operationId]?.role} | ${summary} |`;
      }),
    );
    const table = ["| operation | role | |", "|---|---|---|", ...rows].join("\n");
    await expect(replaceBlock(page, "operations", table)).toMatchFileSnapshot(PAGE);
  });
});

describe("README.md", () => {
  const project = new ServedProject({ "sluice.yaml": "" });
  afterAll(() => project.close());

  it("has requests that a server answers", { timeout: 120_000 }, async () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [submit, query] = [...readme.matchAll(/(?: {4}[^\n]*\n)+/g)]
      .map(([lines]) => lines)
      .filter((lines) => lines.includes("    curl "));
    await project.start();
    expect(await answers(submit as string, project.url, project.folder)).toContain("200");
    await until(async () => (await project.rows("hot")).length === 2, "the results");
    expect(await answers(query as string, project.url, project.folder)).toEqual(
      expect.arrayContaining(['{"row":{"id":1,"temperature":25.5}}', '{"row":{"id":3,"temperature":31}}', '{"done":true}', "200"]),
    );
  });
});
