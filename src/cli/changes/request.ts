import { type Command, InvalidArgumentError, Option } from "commander";
import { hasErrors } from "../../analyze/reporter.ts";
import { SluiceError } from "../../errors.ts";
import type { BeginChoice } from "../../fleet/classify-change.ts";
import type { ShownPlan } from "../../fleet/plan-changes.ts";
import { type PipelineFile, pipelineFiles } from "../../project/desired-pipelines.ts";
import type { Project } from "../../project/project.ts";
import type { PlanBody } from "../../server/routes/plan.ts";
import { newCommand, openProjectOf } from "../command.ts";
import { printDiagnostics } from "../print-diagnostics.ts";
import { withServerOptions } from "../server-command.ts";
import type { PlannerOptions } from "./planner.ts";

/** What `plan`, `apply` and `drift` know of what is wanted. */
export interface ChangeOptions extends PlannerOptions {
  readonly target?: readonly string[];
  readonly begin?: Readonly<Record<string, BeginChoice>>;
  readonly allow?: "destructive"[];
  readonly strict?: boolean;
}

/** A command that holds the files against a server. */
export function newChangeCommand(name: string, description: string): Command {
  return withServerOptions(newCommand(name, description))
    .option("--offline", "without a server: on the catalog that one would open, in --data unless server.catalog says else")
    .option("--target <name...>", "these pipelines alone");
}

/** `--begin`, `--allow` and `--strict`: what a plan needs to be told. */
export function withDecisions(command: Command): Command {
  return command
    .option(
      "--begin <statement=where>",
      "where a statement, or all of a pipeline, begins whose state does not fit: =here (reset) or =earliest (backfill)",
      readBegin,
    )
    .addOption(new Option("--allow <class...>", "what may be lost").choices(["destructive"]))
    .option("--strict", "source topics must exist");
}

const CHOICES: Readonly<Record<string, BeginChoice>> = { here: "here", reset: "here", earliest: "earliest", backfill: "earliest" };

function readBegin(text: string, before: Readonly<Record<string, BeginChoice>> = {}): Readonly<Record<string, BeginChoice>> {
  const at = text.lastIndexOf("=");
  const choice = CHOICES[text.slice(at + 1)];
  if (at < 1 || choice === undefined) throw new InvalidArgumentError("It is STATEMENT=here or STATEMENT=earliest.");
  return { ...before, [text.slice(0, at)]: choice };
}

/** What the files want. */
export interface Wanted {
  readonly body: PlanBody;
  readonly files: readonly PipelineFile[];
}

/** null: there are errors in files; they have been printed. Rejects with CONFIG_INVALID where nobody says whose the pipelines are. */
export async function wantedOf(options: ChangeOptions): Promise<Wanted | null> {
  const project = await openProjectOf(options);
  const owner = ownerOf(project);
  const files = await pipelineFiles(project);
  const faulty = [project.catalogFile, ...files.map(({ source }) => source)].filter((file) => file !== null && hasErrors(file.diagnostics));
  for (const file of faulty) if (file !== null) await printDiagnostics(process.stderr, file);
  if (faulty.length > 0) return null;
  const { target, begin, allow, strict } = options;
  const body: PlanBody = {
    owner,
    pipelines: files.map(wantedPipeline),
    ...(begin === undefined ? {} : { begin }),
    ...(target === undefined ? {} : { targets: [...target] }),
    ...(allow === undefined ? {} : { allow: [...allow] }),
    ...(strict === undefined ? {} : { strict }),
  };
  return { body, files };
}

export function wantedPipeline({ source: { name }, deployed, labels, onChange, isProtected }: PipelineFile): PlanBody["pipelines"][number] {
  return { name, sql: deployed, labels, onChange, protected: isProtected };
}

/** Of an environment the project's pipelines are apart from those of the others. */
export function ownerOf({ config: { owner, environment, file } }: Project): string {
  if (owner !== null) return environment === null ? owner : `${owner}/${environment}`;
  throw new SluiceError("CONFIG_INVALID", `${file ?? "sluice.yaml"} does not say whose the pipelines are`, {
    hint: "owner: my-project; a plan drops what this owner has no file for, and leaves all else alone",
  });
}

export function isChange({ action }: ShownPlan["changes"][number]): boolean {
  return action !== "none";
}

export function isRefused({ changes }: ShownPlan): boolean {
  return changes.some(({ refusal }) => refusal !== null);
}
