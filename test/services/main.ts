import { parseArgs } from "node:util";
import { kill, type Running, start, status, stop, wipe } from "./launcher/launcher.ts";
import { SERVICE_NAMES, type ServiceName } from "./launcher/service.ts";

const HELP = `usage: npm run services -- COMMAND [SERVICE…] [--SERVICE-port N]

Real services for tests, on 127.0.0.1, without containers: ${SERVICE_NAMES.join(", ")} (all of them where none is named).
What they keep lies in .services of the checkout. They need Java 17 or newer (Cassandra: 17) and Maven.

  start    starts what is not running, waits until it is ready
  stop     orderly stop
  kill     SIGKILL, as in a crash; data and address stay
  status   what is running; exit status 3 if something is not
  wipe     kills and deletes all data

Started by hand they stay: test runs use them and do not stop them.
`;

const COMMANDS: Readonly<Record<string, (service: ServiceName, port: number | undefined) => Promise<string>>> = {
  start: async (service, port) => line(await start(service, { ...(port === undefined ? {} : { port }), progress: console.error })),
  stop: async (service) => ((await stop(service)) ? `${service}  stopped` : `${service}  was not running`),
  kill: async (service) => ((await kill(service)) ? `${service}  killed` : `${service}  was not running`),
  wipe: async (service) => {
    await wipe(service);
    return `${service}  wiped`;
  },
  status: async (service) => {
    const found = await status(service);
    if (!found?.ready) process.exitCode = 3;
    return found === null ? `${service}  not running` : line(found);
  },
};

function line(found: Running): string {
  return `${found.service}  ${found.ready ? "ready" : "starting"}  ${found.address}  pid ${found.pid}`;
}

function isServiceName(name: string): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}

async function main(): Promise<void> {
  const ports = Object.fromEntries(SERVICE_NAMES.map((name) => [`${name}-port`, { type: "string" } as const]));
  const help = { type: "boolean", short: "h" } as const;
  const parsed = parseArgs({ options: { help, ...ports }, allowPositionals: true });
  const values: Readonly<Record<string, unknown>> = parsed.values;
  const { positionals } = parsed;
  const [name, ...services] = positionals;
  if (values["help"] === true) {
    console.log(HELP);
    return;
  }
  const command = COMMANDS[name ?? ""];
  if (command === undefined) throw new Error(`no such command: ${name ?? "(none)"}\n\n${HELP}`);
  const unknown = services.find((service) => !isServiceName(service));
  if (unknown !== undefined) throw new Error(`no such service: ${unknown}; there are ${SERVICE_NAMES.join(", ")}`);
  const chosen = services.length === 0 ? SERVICE_NAMES : services.filter(isServiceName);
  const portOf = (service: ServiceName): number | undefined => {
    const text = values[`${service}-port`];
    if (text === undefined) return undefined;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_534) throw new Error(`--${service}-port: not a port: ${text}`);
    return port;
  };
  // Side by side; one that fails does not hold up the others.
  const results = await Promise.allSettled(chosen.map((service) => command(service, portOf(service))));
  for (const result of results) {
    if (result.status === "fulfilled") console.log(result.value);
    else throw result.reason;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
