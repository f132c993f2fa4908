import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { RestClient } from "../client/rest-client.ts";
import { SluiceError } from "../errors.ts";
import { reasonOf } from "../project/source-text.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { printError } from "./print-error.ts";

/** What every command that speaks with a server knows of it. */
export interface ServerOptions {
  readonly server: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Of commands that show something: for people, or all that the server says. */
export interface ShowOptions extends ServerOptions {
  readonly output: "table" | "json";
}

const LOCAL = "http://127.0.0.1:8080";

/** A command that works on what a server runs. */
export function newServerCommand(name: string, description: string): Command {
  return withServerOptions(new Command(name).description(description));
}

/** The same for one that shows something. */
export function newShowCommand(name: string, description: string): Command {
  return newServerCommand(name, description).addOption(
    new Option("-o, --output <format>", "for people, or what the server says").choices(["table", "json"]).default("table"),
  );
}

/** `otherwise`: the server where none is named; null: none. */
export function withServerOptions(command: Command, otherwise: string | null = LOCAL): Command {
  const server = new Option("--server <url>", "the server; name:password@ before its host logs in, as the token in SLUICE_TOKEN does").env(
    "SLUICE_SERVER",
  );
  return command
    .addOption(otherwise === null ? server : server.default(otherwise))
    .option("--ca <file>", "who signed the server's certificate (PEM)")
    .option("--cert <file>", "a client certificate, with --key")
    .option("--key <file>", "its private key");
}

/** Rejects with USAGE and FILE_UNREADABLE. */
export async function clientOf({ server, ca, cert, key }: ServerOptions): Promise<RestClient> {
  if ((cert === undefined) !== (key === undefined)) throw new SluiceError("USAGE", "--cert and --key go together");
  return new RestClient({
    url: server,
    token: process.env["SLUICE_TOKEN"] || null,
    ca: ca === undefined ? null : await readPem(ca),
    certificate: cert === undefined || key === undefined ? null : { cert: await readPem(cert), key: await readPem(key) },
  });
}

function readPem(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw new SluiceError("FILE_UNREADABLE", `cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  });
}

/** Does something with each of the names, whatever became of those before; resolves with the exit code of the first that failed. */
export async function forEachName(names: readonly string[], action: (name: string) => Promise<void>): Promise<number> {
  let exitCode = 0;
  for (const name of new Set(names)) {
    try {
      await action(name);
    } catch (error) {
      await printError(error);
      exitCode ||= asSluiceError(error).exitCode;
    }
  }
  return exitCode;
}
