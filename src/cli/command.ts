import { Command, InvalidArgumentError, Option } from "commander";
import { LIMITS } from "../limits.ts";
import type { Project } from "../project/project.ts";
import { openProject } from "../project/project.ts";

/** What every command knows of the project: `--config`, `--data` and `--env`. */
export interface CommonOptions {
  readonly config?: string;
  readonly data?: string;
  readonly env?: string;
}

/** Resolves with the exit code; rejects with a SluiceError. */
export type Action<Arguments extends readonly unknown[], Options> = (options: Options, ...args: Arguments) => Promise<number>;

export type SetExitCode = (exitCode: number) => void;

/** All commands, each with how it is loaded. */
export type CommandTable = Readonly<Record<string, () => Promise<(setExitCode: SetExitCode) => Command>>>;

/** A command whose options come before its arguments in the action, and whose result is its exit code. */
export function defineCommand<Arguments extends readonly unknown[], Options>(
  command: Command,
  setExitCode: SetExitCode,
  action: Action<Arguments, Options & CommonOptions>,
): Command {
  return command.action(async (...given: unknown[]) => {
    const args = given.slice(0, command.registeredArguments.length) as unknown as Arguments;
    setExitCode(await action(command.opts() as Options & CommonOptions, ...args));
  });
}

/** A command that works on a project. */
export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--config <file>", "configuration instead of ./sluice.yaml")
    .option("--env <name>", "one of the environments in the configuration")
    .addOption(dataOption());
}

export function dataOption(): Option {
  return new Option("--data <dir>", "where embedded connections keep their data (default: .sluice)");
}

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

export function openProjectOf({ config, data, env }: CommonOptions): Promise<Project> {
  return openProject({ config, data, env });
}

/** A value of `--parallelism`. */
export function threadCount(text: string): number {
  const count = wholeNumber(text);
  if (count > LIMITS.threadsMax) throw new InvalidArgumentError(`At most ${LIMITS.threadsMax} threads share a pipeline.`);
  return count;
}

export function wholeNumber(text: string): number {
  const value = Number(text.replaceAll(/[_,]/g, ""));
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("A whole number from 1 is wanted.");
  return value;
}
