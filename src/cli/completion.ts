import { Argument, Command } from "commander";
import { allPipelines } from "../client/pipelines.ts";
import { type CommandTable, defineCommand, examples, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { clientOf, type ServerOptions, withServerOptions } from "./server-command.ts";

/** What each shell calls for the words so far, the one at the cursor last. */
const SCRIPTS = {
  bash: `_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(sluice completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
_sluice() {
  local -a found
  found=("\${(@f)$(sluice completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found[1] ]]; then compadd -a found; else _files; fi
}
compdef _sluice sluice
`,
  fish: `complete -c sluice -a '(set -l words (commandline -opc) (commandline -ct); sluice completion fish -- $words[2..-1] 2>/dev/null)'
`,
} as const;

/** Nobody waits longer for names after a tab. */
const NAMES_MS_MAX = 2_000;

export const completionCommand =
  (commands: CommandTable) =>
  (setExitCode: SetExitCode): Command => {
    const command = new Command("completion")
      .description("prints the script that completes commands, options and pipeline names in a shell")
      .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
      .argument("[word...]", "after --: the words of a command line so far; prints what the last one could become")
      .addHelpText(
        "after",
        examples(
          'sluice completion zsh > "$fpath[1]/_sluice"',
          "sluice completion fish > ~/.config/fish/completions/sluice.fish",
          "source <(sluice completion bash)",
        ),
      );
    return defineCommand<[keyof typeof SCRIPTS, string[]], object>(command, setExitCode, async (_options, shell, words) => {
      if (words.length === 0) process.stdout.write(SCRIPTS[shell]);
      else for (const candidate of await candidatesFor(words, commands)) await print(candidate);
      return 0;
    });
  };

/** What the last of the words could become; nothing where only the shell knows, as with files. */
async function candidatesFor(words: readonly string[], commands: CommandTable): Promise<readonly string[]> {
  const [first = "", ...rest] = words;
  if (rest.length === 0) return startingWith(first, Object.keys(commands));
  const load = commands[first];
  if (load === undefined) return [];
  const make = await load();
  const { command, after } = innermost(
    make(() => {}),
    rest.slice(0, -1),
  );
  const last = rest.at(-1) ?? "";
  const option = command.options.find(({ long, short }) => [long, short].includes(after.at(-1) ?? ""));
  if (option !== undefined && (option.required || option.optional)) return startingWith(last, option.argChoices ?? []);
  if (last.startsWith("-")) return startingWith(last, ["--help", ...command.options.flatMap(({ long }) => long ?? [])]);
  const inner = command.commands.map((one) => one.name());
  if (inner.length > 0) return startingWith(last, inner);
  const [argument] = command.registeredArguments;
  if (argument?.name() === "pipeline") return startingWith(last, await pipelineNames(rest));
  return startingWith(last, argument?.argChoices ?? []);
}

/** The subcommand that the words lead to, and those behind its name. */
function innermost(command: Command, words: readonly string[]): { readonly command: Command; readonly after: readonly string[] } {
  const inner = command.commands.find((one) => words.includes(one.name()));
  return inner === undefined ? { command, after: words } : innermost(inner, words.slice(words.indexOf(inner.name()) + 1));
}

function startingWith(start: string, all: readonly string[]): readonly string[] {
  return all.filter((one) => one.startsWith(start));
}

/** Of the server that the command line names, or the environment; none where it does not answer. */
async function pipelineNames(words: readonly string[]): Promise<readonly string[]> {
  const line = withServerOptions(new Command()).allowUnknownOption().allowExcessArguments().exitOverride();
  line.parse([...words], { from: "user" });
  const found = await clientOf(line.opts<ServerOptions>())
    .then((client) => allPipelines(client, AbortSignal.timeout(NAMES_MS_MAX)))
    .catch(() => []);
  return found.map(({ name }) => name);
}
