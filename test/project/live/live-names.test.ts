import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { complete } from "../../../grammar/complete.ts";
import { parse } from "../../../grammar/parse.ts";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { knownNames } from "../../../src/analyze/known-names.ts";
import { environment } from "../../../src/project/environment.ts";
import { withLiveNames } from "../../../src/project/live/live-names.ts";
import { openProject } from "../../../src/project/project.ts";
import { scratch } from "../../support/scratch.ts";

const CONFIG = `connections:
  kafka: {kind: embedded, as: kafka}
  nowhere: {kind: elasticsearch, node: "http://127.0.0.1:1"}
defaults: {source: kafka, sink: kafka}
`;

/** What could be written at the `|`, of one kind. */
async function offered(marked: string, kind: string): Promise<readonly string[]> {
  const root = scratch({ "sluice.yaml": CONFIG, "queries/catalog.sql": "CREATE STREAM declared (own INT);" });
  const data = join(root, "data");
  const kafka = openEmbedded({ name: "kafka", kind: "embedded", as: "kafka", settings: {} }, data, systemClock);
  for (const topic of ["readings", "declared"]) {
    await kafka.source.createTopic(topic, { partitions: 1 });
    await kafka.source.append(topic, [{ key: null, value: Buffer.from('{"id":"a","room":{"floor":1}}'), timestampMs: 0 }]);
  }
  await kafka.close();
  const project = await openProject({ config: join(root, "sluice.yaml"), data });
  const offset = marked.indexOf("|");
  const text = marked.replace("|", "");
  const names = await withLiveNames(knownNames(project.catalog, parse(text)), project, text, offset, environment);
  const { items } = complete(text, offset, names);
  return items.filter((item) => item.kind === kind).map(({ label }) => label);
}

describe("completion with live names", () => {
  it("offers the topics that there are, and says nothing of systems that do not answer", async () => {
    const relations = await offered("INSERT INTO a SELECT x FROM |", "relation");
    expect(relations).toEqual(expect.arrayContaining(["declared", "readings", "kafka."]));
    expect(relations.filter((name) => name === "declared")).toHaveLength(1);
    expect(await offered("INSERT INTO |", "target")).toEqual(expect.arrayContaining(["readings"]));
  });

  it("offers fields as sampled where nothing is declared, with what is in them", async () => {
    const fields = await offered("INSERT INTO a SELECT | FROM readings;", "field");
    expect(fields).toEqual(expect.arrayContaining(["id", "room", "_key"]));
    expect(await offered("INSERT INTO a SELECT r.room.| FROM readings r;", "field")).toEqual(["floor"]);
    expect(await offered("INSERT INTO a SELECT | FROM declared;", "field")).not.toContain("id");
  });
});
