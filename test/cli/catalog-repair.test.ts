import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { Deployment } from "../../src/fleet/deployment.ts";
import { ServedProject } from "../support/served-project.ts";
import { until } from "../support/until.ts";

const CONFIG = "owner: shop\nconnections:\n  elastic: { kind: embedded, as: elasticsearch }\n";
const COUNT = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;\n";

/** What may become of the file while no server has it. */
const DAMAGES = {
  emptied: () => "",
  "flipped in every line": (text: string) => text.replaceAll("version", "vErsion"),
} as const;

it.each(Object.entries(DAMAGES))(
  "a catalog that was %s is reported, and rebuilt from queries/ without counting anything twice",
  async (_, damage) => {
    const project = new ServedProject({ "sluice.yaml": CONFIG, "queries/count.sql": COUNT });
    onTestFinished(() => project.close());
    const data = join(project.folder, ".sluice");
    const store = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, data, systemClock);
    onTestFinished(() => store.close());
    const produce = (times: number): Promise<void> =>
      store.source.append(
        "readings",
        Array.from({ length: times }, () => ({ key: null, value: Buffer.from('{"id":"a"}'), timestampMs: systemClock.now() })),
      );
    const counted = async (n: number): Promise<void> => {
      await until(async () => (await project.rows<{ n: number }>("elastic.counts"))[0]?.n === n, `a count of ${n}`);
      await until(async () => (await project.pipeline("count")).status.statements[0]?.counters.in === n, "each record once");
    };
    await produce(3);
    await project.start();
    expect(await project.run("apply", "--yes")).toMatchObject({ code: 0 });
    await counted(3);
    await project.end("SIGKILL");

    const path = join(data, "catalog.log");
    const damaged = damage(readFileSync(path, "utf8"));
    writeFileSync(path, damaged);
    await project.start();
    expect(project.log).toMatch(/the catalog is damaged: \S+catalog\.log:\d+ (has lost its end|fails its checksum)/);
    const [kept] = readdirSync(data).filter((name) => name.startsWith("catalog.log.damaged-"));
    expect(readFileSync(join(data, kept as string), "utf8")).toBe(damaged);
    const { body } = await project.client.request<{ readonly items: readonly Deployment[] }>("GET", "/v1/pipelines");
    expect(body.items).toEqual([]);

    expect(await project.run("apply", "--yes")).toMatchObject({ code: 0 });
    await produce(2);
    await counted(5);
  },
  90_000,
);
