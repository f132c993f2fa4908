import { parse } from "../../../grammar/parse.ts";
import { createDecoder } from "../../adapters/codecs/create-decoder.ts";
import { openEmbedded } from "../../adapters/embedded/open-embedded.ts";
import { systemRandom } from "../../adapters/system-random.ts";
import { analyzeCatalog } from "../../analyze/analyze-catalog.ts";
import { type Variables, withVariables } from "../../analyze/variables.ts";
import type { Environment } from "../../runtime/environment.ts";
import type { Project } from "../project.ts";
import type { TrialClock } from "./trial-clock.ts";

/** Numbers the stores of this process, of which each trial has its own. */
let stores = 0;

/** The project with every connection embedded and in memory, where nothing of another trial is. Statements mean in it what they mean. */
export function trialProject(project: Project): Project {
  const settings = { file: `:memory:trial-${++stores}` };
  const connections = new Map(
    [...project.config.connections].map(([name, config]) => [name, { ...config, kind: "embedded" as const, settings }]),
  );
  return { ...project, config: { ...project.config, connections } };
}

/** The project with other values of its variables, also in what the catalog declares. */
export function withProjectVariables(project: Project, given: Variables): Project {
  const { catalog, catalogFile } = project;
  const variables = { ...project.variables, ...given };
  if (Object.keys(given).length === 0) return project;
  if (catalogFile === null) return { ...project, variables };
  const declared = analyzeCatalog(withVariables(parse(catalogFile.text), variables), { ...catalog, streams: new Map() });
  const { streams, diagnostics } = declared;
  return { ...project, variables, catalog: { ...catalog, streams }, catalogFile: { ...catalogFile, diagnostics } };
}

export function trialEnvironment(clock: TrialClock): Environment {
  return {
    clock,
    random: systemRandom,
    createDecoder,
    openConnection: async (config, dataDirectory) => {
      const connection = openEmbedded(config, dataDirectory, clock);
      const { source } = connection;
      const append = source.append.bind(source);
      // Whoever writes a record moves the clock.
      source.append = async (topic, records) => {
        for (const { timestampMs } of records) clock.reach(timestampMs);
        await append(topic, records);
      };
      return connection;
    },
  };
}
