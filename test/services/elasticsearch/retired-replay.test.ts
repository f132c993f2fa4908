import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const DAY_MS = 86_400_000;
/** How many days ago rows are from; so many of each. */
const [FRESH, AGED, OLD] = [1, 4, 20];
const DAYS = [FRESH, AGED, OLD] as const;
const EACH = 10;
const RECORDS = DAYS.length * EACH;

interface Row {
  readonly n: number;
  readonly days: number;
}

/** Indexes go by the clock of the server: it is the clock of today, and its records are of days that are over. */
describeWith("elasticsearch", "a pipeline whose dated indexes retire", ({ node }) => {
  const scratch = new Scratch(node);
  const [target, name] = [scratch.name("readings"), scratch.prefix];
  const nowMs = Date.now();
  const dateOf = (days: number): string => new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
  const indexOf = (days: number): string => `${target}_${dateOf(days)}`;
  const project = new ServedProject({
    "sluice.yaml": `owner: retiring
connections:
  topics: { kind: embedded, as: kafka }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(node)} }
defaults: { source: topics, sink: elastic }
`,
  });

  beforeAll(async () => {
    await project.start();
    // In the middle of its day, wherever midnight is.
    const rows = DAYS.flatMap((days) => Array.from({ length: EACH }, (_, n) => ({ n, days, at: `${dateOf(days)}T12:00:00Z` })));
    const { code, stderr } = await project.pipe(
      rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
      "produce",
      "readings",
      "--timestamp",
      "at",
    );
    expect(code, stderr).toBe(0);
  });
  afterAll(async () => {
    await project.client.request("DELETE", `/v1/pipelines/${name}?purge=true`);
    await project.end("SIGINT");
    await project.close();
    await scratch.clean();
  });

  const text = (properties: string): string => `CREATE STREAM readings (n INT, days INT, at TIMESTAMP) WITH (timestamp = 'at');
SET 'error.policy' = 'noop'; SET 'dead.letters' = 'topics.letters';
INSERT INTO elastic.\`${target}\` SELECT n, days FROM readings PK days, n WITHINDEXSUFFIX = '_{yyyy-MM-dd}' PROPERTIES (${properties});`;
  const apply = async (properties: string): Promise<void> => {
    project.write(`queries/${name}.sql`, text(properties));
    const { code, stdout, stderr } = await project.run("apply", "--yes");
    expect(code, stdout + stderr).toBe(0);
  };
  /** Of each day: `open`, `closed` or `gone`. */
  const states = async (): Promise<readonly string[]> => {
    const { body } = await scratch.send("GET", `/_resolve/index/${target}_*?expand_wildcards=open,closed`);
    const found = (body as { indices?: { name: string; attributes: string[] }[] }).indices ?? [];
    return DAYS.map((days) => {
      const attributes = found.find((index) => index.name === indexOf(days))?.attributes ?? ["gone"];
      return attributes.find((word) => word === "open" || word === "closed" || word === "gone") ?? "neither";
    });
  };
  const become = async (...wanted: readonly string[]): Promise<void> => {
    let seen: readonly string[] = [];
    await until(
      async () => {
        seen = await states();
        return seen.join() === wanted.join();
      },
      `indexes to be ${wanted.join()}`,
      60_000,
      () => `${seen.join()} ${project.log.slice(-2_000)}`,
      100,
    );
  };
  const counters = async () => (await project.pipeline(name)).status.statements[0]?.counters;
  /** Since the statement began, or began anew. */
  const taken = async (rejected: number): Promise<void> => {
    let seen = "";
    await until(
      async () => {
        const now = await counters();
        seen = JSON.stringify(now);
        const settled = (now?.written ?? 0) + (now?.superseded ?? 0);
        return now?.in === RECORDS && now.sent === RECORDS && now.rejected === rejected && settled === RECORDS - rejected;
      },
      "all records to be taken",
      60_000,
      () => `${seen} ${project.log.slice(-2_000)}`,
      100,
    );
  };
  /** By the command; the statements begin anew a moment later. */
  const replay = async (): Promise<void> => {
    const { code, stdout, stderr } = await project.run("replay", name, "--from", "earliest");
    expect(code, stdout + stderr).toBe(0);
  };
  const rowsOf = async (days: number): Promise<readonly Row[]> =>
    [...(await scratch.documents(indexOf(days))).values()].map(({ source }) => source as Row).sort((left, right) => left.n - right.n);
  const ALL = (days: number): readonly Row[] => Array.from({ length: EACH }, (_, n) => ({ n, days }));

  it("has them closed, then deleted, by what its text says", async () => {
    await apply("'delete.after' = '90d'");
    await taken(0);
    expect(await states()).toEqual(["open", "open", "open"]);
    for (const days of DAYS) expect(await rowsOf(days)).toEqual(ALL(days));
    await apply("'close.after' = '2d', 'delete.after' = '90d'");
    await become("open", "closed", "closed");
    await apply("'close.after' = '2d', 'delete.after' = '10d'");
    await become("open", "closed", "gone");
    // Positions were kept: nothing was written anew.
    expect(await counters()).toMatchObject({ in: RECORDS, written: RECORDS, rejected: 0 });
  });

  it("does not bring them back by a replay: their rows become letters that name the index", async () => {
    await replay();
    await taken(2 * EACH);
    expect(await states()).toEqual(["open", "closed", "gone"]);
    expect(await rowsOf(FRESH)).toEqual(ALL(FRESH));
    const path = `/v1/pipelines/${name}/deadletters?limit=1000`;
    const { items } = (await project.client.request<{ items: DeadLetter[] }>("GET", path)).body;
    const told = (days: number) => items.filter(({ error }) => error.startsWith(`index "${indexOf(days)}" is retired`));
    expect([items.length, told(AGED).length, told(OLD).length]).toEqual([2 * EACH, EACH, EACH]);
    expect(new Set(items.map(({ code }) => code))).toEqual(new Set(["CHANGE_REJECTED"]));
  });

  it("brings them back by a replay where that is asked for, with all that was in them", async () => {
    await apply("'close.after' = '2d', 'delete.after' = '10d', 'retired.indexes' = 'REVIVE'");
    await replay();
    await become("open", "open", "open");
    await taken(0);
    for (const days of DAYS) expect(await rowsOf(days)).toEqual(ALL(days));
  });
});
