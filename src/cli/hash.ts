import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Command, Option } from "commander";
import { stringify } from "yaml";
import { SluiceError } from "../errors.ts";
import { ROLES } from "../server/auth/role.ts";
import { newToken, passwordHash, tokenHash } from "../server/auth/secret-hash.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { print, say } from "./output.ts";

interface HashOptions {
  readonly role: string;
}

export function hashCommand(setExitCode: SetExitCode): Command {
  const token = withRole(new Command("token").description("makes a token, and its entry for server.auth.tokens")).argument(
    "<name>",
    "whose",
  );
  defineCommand<[string], HashOptions>(token, setExitCode, async ({ role }, name) => {
    const secret = newToken();
    await print(`token: ${secret}`);
    await print(entry({ name, role, sha256: tokenHash(secret) }));
    return 0;
  });

  const password = withRole(new Command("password").description("reads a password, and makes its entry for server.auth.users"));
  defineCommand<[string], HashOptions>(password.argument("<name>", "whose"), setExitCode, async ({ role }, name) => {
    const secret = await readPassword();
    if (secret === "") throw new SluiceError("USAGE", "an empty password lets everybody in");
    await print(entry({ name, role, scrypt: await passwordHash(secret) }));
    return 0;
  });

  return new Command("hash")
    .description("makes what sluice.yaml knows of tokens and passwords: their hashes")
    .addCommand(token)
    .addCommand(password)
    .addHelpText("after", examples("sluice hash token ci --role admin", "sluice hash password ada < password.txt"));
}

function withRole(command: Command): Command {
  return command.addOption(new Option("--role <role>", "what it may do").choices(ROLES).default("viewer"));
}

/** A line of a list in sluice.yaml. */
function entry(values: Readonly<Record<string, string>>): string {
  return stringify([values], { collectionStyle: "flow", lineWidth: 0 })
    .trim()
    .replace(/^\[\s*(.*?)\s*\]$/s, "- $1");
}

/** A line of standard input; typed ones are not shown. */
async function readPassword(): Promise<string> {
  const { isTTY } = process.stdin;
  if (isTTY) await say("password:");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: isTTY === true });
  try {
    for await (const line of reader) return line;
    return "";
  } finally {
    reader.close();
  }
}
