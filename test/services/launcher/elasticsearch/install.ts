import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { javaTool } from "../java.ts";
import { maven, pomProperty } from "../maven.ts";
import { run } from "../process.ts";

const POM = join(import.meta.dirname, "pom.xml");
const SOURCES = ["EsServer.java", "RootInfoPlugin.java"].map((name) => join(import.meta.dirname, name));

export const ELASTICSEARCH_VERSION = pomProperty(POM, "es.version");
export const ELASTICSEARCH_MAIN = "EsServer";

/** The installed server: its name holds a checksum of what it was made of. */
export function elasticsearchHome(shared: string): string {
  const hash = createHash("sha256");
  for (const file of [POM, ...SOURCES]) hash.update(readFileSync(file));
  return join(shared, `elasticsearch-${ELASTICSEARCH_VERSION}-${hash.digest("hex").slice(0, 8)}`);
}

/** Lays out a home that Elasticsearch accepts: `lib`, `modules` and `plugins`, with our main class and root page in it. */
export async function installElasticsearch(shared: string): Promise<void> {
  const home = elasticsearchHome(shared);
  if (existsSync(home)) return;
  const draft = `${home}.draft`;
  rmSync(draft, { recursive: true, force: true });
  await maven(POM, "package", { "es.home": draft });
  writeDescriptor(join(draft, "modules", "transport-netty4"), "org.elasticsearch.transport.netty4.Netty4Plugin");
  mkdirSync(join(draft, "plugins"));
  await compile(draft);
  renameSync(draft, home);
}

async function compile(home: string): Promise<void> {
  const compiled = join(home, "compiled");
  const classPath = join(home, "lib", "*");
  await run(await javaTool("javac", 17), [
    "--release",
    "17",
    "-Xlint:-options",
    "-proc:none",
    "-cp",
    classPath,
    "-d",
    compiled,
    ...SOURCES,
  ]);

  const jar = await javaTool("jar", 17);
  const pack = (file: string, prefix: string): Promise<unknown> => {
    const classes = readdirSync(compiled).filter((name) => name.startsWith(prefix));
    return run(jar, ["--create", "--file", file, ...classes.flatMap((name) => ["-C", compiled, name])]);
  };
  const module = join(home, "modules", "rest-root-local");
  mkdirSync(module, { recursive: true });
  await pack(join(module, "rest-root-local.jar"), "RootInfoPlugin");
  await pack(join(home, "lib", "es-server.jar"), ELASTICSEARCH_MAIN);
  writeDescriptor(module, "RootInfoPlugin");
  rmSync(compiled, { recursive: true });
}

/** Without `modulename`, because the server is on the class path: its modules are loaded by class loader too. */
function writeDescriptor(directory: string, classname: string): void {
  const name = directory.slice(directory.lastIndexOf("/") + 1);
  const lines = [
    `name=${name}`,
    `description=${name}`,
    `version=${ELASTICSEARCH_VERSION}`,
    `elasticsearch.version=${ELASTICSEARCH_VERSION}`,
    "java.version=17",
    `classname=${classname}`,
    "extended.plugins=",
    "has.native.controller=false",
  ];
  writeFileSync(join(directory, "plugin-descriptor.properties"), `${lines.join("\n")}\n`);
}
