import { expect, it } from "vitest";
import { ServedProject } from "../support/served-project.ts";

/** More of them by hand: SLUICE_CRASHES=100. */
const CRASHES = Number(process.env["SLUICE_CRASHES"] ?? 4);

const CONFIG = "owner: shop\nconnections:\n  elastic: { kind: embedded, as: elasticsearch }\n";
const STAYING = ["a", "b"];

/** The files of a version: two that change, one that goes and one that comes. */
function filesOf(version: number): ReadonlyMap<string, string> {
  const text = (name: string) => `INSERT INTO elastic.${name} SELECT id, t FROM nothing_yet WHERE t > ${version} PK id;\n`;
  return new Map([...STAYING, `only_${version}`].map((name) => [name, text(name)]));
}

it(
  "a server that is killed while it applies has all of it or nothing, and applying again finishes",
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const project = new ServedProject({ "sluice.yaml": CONFIG });
    const write = (version: number): void => {
      for (const name of filesOf(version - 1).keys()) if (!STAYING.includes(name) && version > 1) project.remove(`queries/${name}.sql`);
      for (const [name, text] of filesOf(version)) project.write(`queries/${name}.sql`, text);
    };
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
      await project.start();
      await project.client.request("POST", "/v1/apply", body(0));
      const outcomes = { old: 0, new: 0 };
      // Drawn near the point where the change becomes durable, which is moved to where it is found.
      let centreMs = 20;
      let state = seed;
      for (let version = 1; version <= CRASHES; version++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        const delayMs = centreMs * (0.5 + state / 2 ** 32);
        let isAnswered = false;
        const applied = project.client.request("POST", "/v1/apply", body(version)).then(
          () => {
            isAnswered = true;
          },
          () => {},
        );
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await project.end("SIGKILL");
        await applied;
        await project.start();
        const found = await live();
        const isNew = found.has(`only_${version}`);
        expect(found, `version ${version}, killed after ${delayMs} ms (seed ${seed})`).toEqual(filesOf(isNew ? version : version - 1));
        expect(isNew || !isAnswered, "what was answered is durable").toBe(true);
        outcomes[isNew ? "new" : "old"]++;
        centreMs = isNew ? Math.max(1, centreMs * 0.7) : centreMs * 1.4;
        write(version);
        const again = await project.run("apply", "--yes", "--allow", "destructive");
        expect(again.code, again.stderr).toBe(0);
        expect(await live()).toEqual(filesOf(version));
      }
      if (CRASHES > 20) expect(Math.min(outcomes.old, outcomes.new), "it was killed on both sides of the change").toBeGreaterThan(0);
    } finally {
      await project.close();
    }
  },
  30_000 + CRASHES * 20_000,
);
