import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { format } from "../../grammar/format.ts";
import { SluiceError } from "../errors.ts";
import type { ShownPlan } from "../fleet/plan-changes.ts";
import { OWNER_LABEL, PROTECTED_LABEL } from "../fleet/plan-request.ts";
import { LIMITS } from "../limits.ts";
import { fileText } from "../project/deployed-text.ts";
import { type PipelineFile, pipelineFiles } from "../project/desired-pipelines.ts";
import { fileOptions } from "../project/file-options.ts";
import { QUERIES } from "../project/pipeline-files.ts";
import type { Project } from "../project/project.ts";
import { readSourceText } from "../project/source-text.ts";
import type { Pipeline } from "../server/schemas.ts";
import { ownerOf, wantedPipeline } from "./changes/request.ts";
import { type CommonOptions, defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { say } from "./output.ts";
import { shownPath } from "./print-diagnostics.ts";
import { clientOf, type ServerOptions, withServerOptions } from "./server-command.ts";

interface AdoptOptions extends CommonOptions, ServerOptions {
  readonly force?: boolean;
}

export function adoptCommand(setExitCode: SetExitCode): Command {
  const command = withServerOptions(
    newCommand("adopt", "writes a pipeline that a server runs into queries/, from where it is deployed from now on"),
  )
    .argument("<pipeline>")
    .option("--force", "also over a file that says something else")
    .addHelpText("after", examples("sluice adopt sales.per_minute"));
  return defineCommand<[string], AdoptOptions>(command, setExitCode, async (options, name) => {
    const project = await openProjectOf(options);
    const owner = ownerOf(project);
    const client = await clientOf(options);
    const { body: live, headers } = await client.request<Pipeline>("GET", `/v1/pipelines/${name}`);
    const path = await writePipeline(project, live, options.force === true);
    const file = (await pipelineFiles(project)).find(({ source }) => source.name === name) as PipelineFile;
    const wanted = wantedPipeline(file);
    const { body: plan } = await client.request<ShownPlan>("POST", "/v1/plan", { owner, pipelines: [wanted], targets: [name] });
    // The file is the pipeline's text from now on, unless this project makes something else of it.
    const isSame = ["none", "cosmetic", "metadata"].includes(plan.class);
    const labels = { ...live.labels, [OWNER_LABEL]: owner };
    const etag = headers["etag"] ?? "*";
    await client.request("PUT", `/v1/pipelines/${name}`, { sql: isSame ? wanted.sql : live.text, labels }, { "if-match": etag });
    await say(`${shownPath(path)} is the pipeline ${name} of ${owner} from now on`);
    if (!isSame) await say("in this project it means something else than what runs: sluice plan shows what would change");
    return 0;
  });
}

/** The file's path. Rejects with USAGE where there is another one. */
async function writePipeline({ root }: Project, live: Pipeline, isForced: boolean): Promise<string> {
  const path = join(root, QUERIES, `${live.name.replaceAll(".", "/")}.sql`);
  const text = textOf(live);
  if (existsSync(path) && !isForced && (await readSourceText(path, LIMITS.statementBytesMax)).text !== text)
    throw new SluiceError("USAGE", `${shownPath(path)} says something else than what runs`, {
      hint: "sluice drift shows it, --force takes what runs",
    });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** Formatted; labels that the text does not name yet stand in comments before it. */
function textOf({ name, text, labels }: Pipeline): string {
  const own = fileText(text);
  const options = fileOptions(own, name);
  const missing = Object.entries(labels).filter(([label, value]) => {
    return label !== OWNER_LABEL && label !== PROTECTED_LABEL && options.labels[label] !== value;
  });
  const comments = [
    ...(missing.length === 0 ? [] : [`-- @labels ${missing.map((pair) => pair.join("=")).join(", ")}`]),
    ...(labels[PROTECTED_LABEL] === "true" && !options.isProtected ? ["-- @prevent_destroy"] : []),
  ];
  return [...comments, format(own).text ?? own].join("\n");
}
