import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { RestClient } from "../client/rest-client.ts";
import { SluiceError } from "../errors.ts";
import { reasonOf } from "../project/source-text.ts";

/** What every command that speaks with a server knows of it. */
export interface ServerOptions {
  readonly server: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const LOCAL = "http://127.0.0.1:8080";

/** A command that works on what a server runs. */
export function newServerCommand(name: string, description: string): Command {
  return withServerOptions(new Command(name).description(description));
}

export function withServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--server <url>", "the server; name:password@ before its host logs in, as the token in SLUICE_TOKEN does")
        .env("SLUICE_SERVER")
        .default(LOCAL),
    )
    .option("--ca <file>", "who signed the server's certificate (PEM)")
    .option("--cert <file>", "a client certificate, with --key")
    .option("--key <file>", "its private key");
}

/** Rejects with USAGE and FILE_UNREADABLE. */
export async function clientOf({ server, ca, cert, key }: ServerOptions): Promise<RestClient> {
  if ((cert === undefined) !== (key === undefined)) throw new SluiceError("USAGE", "--cert and --key go together");
  return new RestClient({
    url: server,
    token: process.env["SLUICE_TOKEN"] ?? null,
    ca: ca === undefined ? null : await readPem(ca),
    certificate: cert === undefined || key === undefined ? null : { cert: await readPem(cert), key: await readPem(key) },
  });
}

function readPem(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw new SluiceError("FILE_UNREADABLE", `cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  });
}
