import { describe, expect, it } from "vitest";
import type { DesiredState } from "../../src/fleet/deployment.ts";
import type { DeploymentChange } from "../../src/fleet/deployment-change.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const NAMES = ["a", "b", "c"] as const;
const STEPS = 40;

const text = (name: string, version: number): string =>
  `INSERT INTO elastic.counts_${name} SELECT id, COUNT(*) AS n, ${version} AS version FROM readings GROUP BY id;`;

/** What is wanted of a pipeline, as far as anybody has said. */
interface Wanted {
  readonly version: number;
  readonly desired: DesiredState;
}

describe("a fleet", () => {
  it.each(seeds([], 3))(
    "comes to what is wanted, and counts every record once, whatever was wanted before: seed %i",
    async (seed) => {
      const random = new SeededRandom(seed);
      const wanted = new Map<string, Wanted>();
      let running = await runningFleet();
      let produced = 0;
      const produce = async (): Promise<void> => {
        const count = 1 + random.below(20);
        await running.produce(
          "readings",
          Array.from({ length: count }, () => ({ id: "all" })),
        );
        produced += count;
      };
      /** A change of one of the pipelines, and what is wanted after it. */
      const change = (name: string): DeploymentChange | null => {
        const now = wanted.get(name);
        const kind = random.below(5);
        if (now === undefined || kind < 2) {
          const version = random.below(1_000);
          wanted.set(name, { version, desired: now?.desired ?? "running" });
          return { kind: "put", name, text: text(name, version) };
        }
        if (kind === 2) {
          wanted.delete(name);
          return { kind: "drop", name };
        }
        const desired = kind === 3 ? "paused" : "running";
        wanted.set(name, { ...now, desired });
        return { kind: "desire", name, desired };
      };
      await produce();
      for (let step = 0; step < STEPS; step++) {
        const name = random.pick(NAMES);
        const what = random.below(10);
        if (what === 0) {
          // What is under way is given up, as a crash does.
          await running.close(0);
          running = await runningFleet(running.folder);
        } else if (what === 1) {
          if (wanted.has(name)) await running.deployments.change([{ kind: "restart", name }], { by: "test" });
        } else if (what === 2) await produce();
        else if (what === 3) {
          const goal = wanted.get(name)?.desired ?? null;
          await until(() => (running.fleet.status(name)?.state ?? null) === goal, `${name} to be ${goal}`);
        } else {
          const several = new Set(random.chance(0.2) ? NAMES : [name]);
          const changes = [...several].map(change).filter((one) => one !== null);
          await running.deployments.change(changes, { by: "test" });
        }
      }
      for (const [name, { desired }] of wanted) {
        wanted.set(name, { ...(wanted.get(name) as Wanted), desired: "running" });
        if (desired === "paused") await running.deployments.change([{ kind: "desire", name, desired: "running" }], { by: "test" });
      }
      await produce();
      const told = () => JSON.stringify([...wanted].map((one) => [one, running.fleet.status(one[0])]));
      expect(running.deployments.list().map(({ name, text: held }) => [name, held])).toEqual(
        [...wanted].map(([name, { version }]) => [name, text(name, version)]).sort(),
      );
      for (const [name, { version }] of wanted) {
        const counted = async () => JSON.stringify(await running.documents(`counts_${name}`));
        const expected = JSON.stringify([{ id: "all", n: produced, version }]);
        await until(async () => (await counted()) === expected, `${expected} of ${name}`, 30_000, told);
        expect(running.fleet.status(name)).toMatchObject({ state: "running", failures: [] });
      }
      const gone = NAMES.filter((name) => !wanted.has(name));
      await until(() => running.deployments.dropped.unfinished().length === 0, "what was dropped to be removed", 20_000, told);
      for (const name of gone) expect([running.fleet.status(name), await running.keptState.read(name)]).toEqual([null, null]);
    },
    90_000,
  );
});
