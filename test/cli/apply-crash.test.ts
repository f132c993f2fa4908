import { join } from "node:path";
import { expect, it } from "vitest";
import { FileCatalogLog } from "../../src/adapters/file/file-catalog-log.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { Deployments } from "../../src/fleet/deployments.ts";
import { ServedProject } from "../support/served-project.ts";

/** More of them by hand: SLUICE_CRASHES=100. */
const CRASHES = Number(process.env["SLUICE_CRASHES"] ?? 3);

const CONFIG = "owner: shop\nconnections:\n  elastic: { kind: embedded, as: elasticsearch }\n";
const STAYING = ["a", "b"];

/** The files of a version: two that change, one that goes and one that comes. */
function filesOf(version: number): ReadonlyMap<string, string> {
  const text = (name: string) => `INSERT INTO elastic.${name} SELECT id, t FROM nothing_yet WHERE t > ${version} PK id;\n`;
  return new Map([...STAYING, `only_${version}`].map((name) => [name, text(name)]));
}

function write(project: ServedProject, version: number): void {
  for (const name of filesOf(version - 1).keys()) if (!STAYING.includes(name) && version > 0) project.remove(`queries/${name}.sql`);
  for (const [name, text] of filesOf(version)) project.write(`queries/${name}.sql`, text);
}

/** Moments near the point where the change becomes durable, which is moved to where it is found. */
class Moments {
  private readonly seed = Math.floor(Math.random() * 2 ** 31);
  private state = this.seed;
  private centreMs: number;
  private readonly outcomes = { old: 0, new: 0 };

  constructor(centreMs: number) {
    this.centreMs = centreMs;
  }

  next(): { readonly delayMs: number; readonly text: string } {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0;
    const delayMs = this.centreMs * (0.6 + (0.8 * this.state) / 2 ** 32);
    return { delayMs, text: `killed after ${delayMs} ms (seed ${this.seed})` };
  }

  found(isNew: boolean): void {
    this.outcomes[isNew ? "new" : "old"]++;
    this.centreMs = isNew ? Math.max(1, this.centreMs * 0.7) : this.centreMs * 1.4;
  }

  expectBothSides(): void {
    if (CRASHES > 20) expect(Math.min(this.outcomes.old, this.outcomes.new), JSON.stringify(this.outcomes)).toBeGreaterThan(0);
  }
}

const after = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
const TIMEOUT_MS = 30_000 + CRASHES * 20_000;

it("a server that is killed while it applies has all of it or nothing, and applying again finishes", { timeout: TIMEOUT_MS }, async () => {
  const project = new ServedProject({ "sluice.yaml": CONFIG });
  const body = (version: number) => ({
    owner: "shop",
    allow: ["destructive"],
    pipelines: [...filesOf(version)].map(([name, sql]) => ({ name, sql })),
  });
  const live = async (): Promise<ReadonlyMap<string, string>> => {
    const { items } = (await project.client.request<{ items: { name: string; text: string }[] }>("GET", "/v1/pipelines")).body;
    return new Map(items.map(({ name, text }) => [name, text]));
  };
  try {
    write(project, 0);
    await project.start();
    await project.client.request("POST", "/v1/apply", body(0));
    const moments = new Moments(20);
    for (let version = 1; version <= CRASHES; version++) {
      const { delayMs, text } = moments.next();
      let isAnswered = false;
      const applied = project.client.request("POST", "/v1/apply", body(version)).then(
        () => {
          isAnswered = true;
        },
        () => {},
      );
      await after(delayMs);
      await project.end("SIGKILL");
      await applied;
      await project.start();
      const found = await live();
      const isNew = found.has(`only_${version}`);
      expect(found, text).toEqual(filesOf(isNew ? version : version - 1));
      expect(isNew || !isAnswered, "what was answered is durable").toBe(true);
      moments.found(isNew);
      write(project, version);
      const again = await project.run("apply", "--yes", "--allow", "destructive");
      expect(again.code, again.stderr).toBe(0);
      expect(await live()).toEqual(filesOf(version));
    }
    moments.expectBothSides();
  } finally {
    await project.close();
  }
});

it("a command that is killed while it changes the catalog itself does all of it or nothing", { timeout: TIMEOUT_MS }, async () => {
  const project = new ServedProject({ "sluice.yaml": CONFIG });
  const live = async (): Promise<ReadonlyMap<string, string>> => {
    const deployments = await Deployments.open(new FileCatalogLog(join(project.folder, ".sluice"), systemClock), systemClock);
    await deployments.close();
    return new Map(deployments.list().map(({ name, text }) => [name, text]));
  };
  const apply = ["apply", "--offline", "--yes", "--allow", "destructive"];
  try {
    write(project, 0);
    const startedAt = performance.now();
    expect(await project.run(...apply)).toMatchObject({ code: 0 });
    const moments = new Moments(performance.now() - startedAt);
    for (let version = 1; version <= CRASHES; version++) {
      write(project, version);
      const { delayMs, text } = moments.next();
      const applying = project.spawn(...apply);
      await after(delayMs);
      applying.kill("SIGKILL");
      await applying.ended;
      const found = await live();
      const isNew = found.has(`only_${version}`);
      expect(found, text).toEqual(filesOf(isNew ? version : version - 1));
      moments.found(isNew);
      expect(await project.run(...apply)).toMatchObject({ code: 0 });
      expect(await live()).toEqual(filesOf(version));
    }
    moments.expectBothSides();
  } finally {
    await project.close();
  }
});
