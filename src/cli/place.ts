import { text as readAll } from "node:stream/consumers";
import { type Command, InvalidArgumentError } from "commander";
import { offsetAt } from "../../grammar/diagnostics.ts";
import type { KnownNames } from "../../grammar/known-names.ts";
import { parse } from "../../grammar/parse.ts";
import { knownNames } from "../analyze/known-names.ts";
import { LIMITS } from "../limits.ts";
import { projectPipelineNames } from "../project/pipeline-files.ts";
import type { Project } from "../project/project.ts";
import { readSourceText } from "../project/source-text.ts";
import { type CommonOptions, defineCommand, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";

/** A command about one place of a text, for editors: prints JSON. */
export function placeCommand(
  name: string,
  description: string,
  setExitCode: SetExitCode,
  answer: (text: string, offset: number, names: KnownNames) => unknown,
): Command {
  const command = newCommand(name, description)
    .argument("<file>", "a file, or - for standard input")
    .option("--live", "with the topics, indexes and tables that there are, and the fields of topics")
    .requiredOption("--at <line:column>", "the place, both counted from 1", readPlace);
  return defineCommand<[string], { at: Place; live?: boolean } & CommonOptions>(
    command,
    setExitCode,
    async ({ at, live, ...options }, file) => {
      const text = file === "-" ? await readAll(process.stdin) : (await readSourceText(file, LIMITS.statementBytesMax)).text;
      const project = await openProjectOf(options);
      const offset = offsetAt(text, at.line, at.column);
      const declared = knownNames(project.catalog, parse(text), await projectPipelineNames(project.root));
      const names = live === true ? await withLive(declared, project, text, offset) : declared;
      await print(JSON.stringify(answer(text, offset, names), null, 2));
      return 0;
    },
  );
}

/** Loaded when it is asked for: it brings the clients of the outside systems. */
async function withLive(names: KnownNames, project: Project, text: string, offset: number): Promise<KnownNames> {
  const { withLiveNames } = await import("../project/live/live-names.ts");
  const { environment } = await import("../project/environment.ts");
  return withLiveNames(names, project, text, offset, environment);
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function readPlace(text: string): Place {
  const [line = 0, column = 0] = /^\d+:\d+$/.test(text) ? text.split(":").map(Number) : [];
  if (line < 1 || column < 1) throw new InvalidArgumentError("A place is LINE:COLUMN, for example 3:14.");
  return { line, column };
}
