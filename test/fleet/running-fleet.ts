import { onTestFinished } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { FileCatalogLog } from "../../src/adapters/file/file-catalog-log.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { Deployments } from "../../src/fleet/deployments.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { environment } from "../../src/project/environment.ts";
import { openProject } from "../../src/project/project.ts";
import { inThisThread } from "../../src/runtime/pipeline-thread.ts";
import { scratch } from "../support/scratch.ts";

const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
`;

/** A fleet on embedded parts, and the means to feed it and to look at what it wrote. */
export async function runningFleet(folder: string = scratch({ "sluice.yaml": CONFIG }), startThread = inThisThread(environment)) {
  const project = await openProject({ config: `${folder}/sluice.yaml`, data: `${folder}/data` });
  const deployments = await Deployments.open(new FileCatalogLog(`${folder}/data`, systemClock), systemClock);
  const fleet = new Fleet(deployments, { project, env: environment, startThread });
  const store = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, project.dataDirectory, systemClock);
  const elastic = openEmbedded(
    { name: "elastic", kind: "embedded", as: "elasticsearch", settings: {} },
    project.dataDirectory,
    systemClock,
  );
  let isClosed = false;
  const close = async (withinMs = 10_000): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await fleet.close(withinMs);
    await deployments.close();
    await Promise.all([store.close(), elastic.close()]);
  };
  onTestFinished(() => close());
  return {
    folder,
    project,
    deployments,
    fleet,
    close,
    /** The embedded topics. */
    source: store.source,
    keptState: store.keptState,
    put: (name: string, text: string) => deployments.change([{ kind: "put", name, text }], { by: "test" }),
    produce: (topic: string, documents: readonly unknown[]) =>
      store.source.append(
        topic,
        documents.map((document) => ({ key: null, value: Buffer.from(JSON.stringify(document)), timestampMs: systemClock.now() })),
      ),
    async documents(index: string): Promise<readonly unknown[]> {
      const found: unknown[] = [];
      for await (const slices of elastic.readTable(index, new AbortController().signal) ?? []) {
        for (let row = 0; row < slices.count; row++)
          found.push(JSON.parse(slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row])));
      }
      return found;
    },
  };
}
