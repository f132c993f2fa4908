import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { javaTool, missingTools } from "../java.ts";
import { HOST } from "../ports.ts";
import { run } from "../process.ts";
import type { Instance, Service } from "../service.ts";
import { ELASTICSEARCH_MAIN, ELASTICSEARCH_VERSION, elasticsearchHome, installElasticsearch } from "./install.ts";

/**
 * One node of Elasticsearch from its published jars, without security. Modules that are not published are not there:
 * no scripts, no reindex, no ingest processors, no language analyzers.
 */
export const elasticsearch: Service = {
  version: ELASTICSEARCH_VERSION,
  stopMs: 60_000,
  missing: () => missingTools({ from: 17, compiler: true }),
  install: installElasticsearch,

  async prepare(instance) {
    const { directory } = instance;
    for (const name of ["config", "data", "logs", "tmp"]) mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, "config", "elasticsearch.yml"), configuration(instance));
    writeFileSync(join(directory, "config", "log4j2.properties"), LOG4J);
  },

  async command({ directory, shared }) {
    const home = elasticsearchHome(shared);
    const args = [
      ...jvm(directory),
      ...(await nativeLibraries(directory)),
      "-cp",
      join(home, "lib", "*"),
      ELASTICSEARCH_MAIN,
      home,
      join(directory, "config"),
    ];
    return { program: await javaTool("java", 17), args };
  },

  /** Ready when the answer comes from our process and every primary shard is in place. */
  async ready({ ports: [port] }, pid) {
    const get = async (path: string): Promise<unknown> => {
      const response = await fetch(`http://${HOST}:${port}${path}`, { signal: AbortSignal.timeout(5000) });
      return response.ok ? response.json() : null;
    };
    type Nodes = { readonly nodes: Readonly<Record<string, { readonly process: { readonly id: number } }>> };
    const answer = (await get("/_nodes/_local/process?filter_path=nodes.*.process.id")) as Nodes | null;
    if (answer === null || !Object.values(answer.nodes).some((node) => node.process.id === pid)) return false;
    const health = (await get("/_cluster/health?wait_for_status=yellow&timeout=1s")) as { readonly timed_out: boolean } | null;
    return health?.timed_out === false;
  },
};

function configuration({ directory, data, ports: [http, transport] }: Instance): string {
  const lines = {
    "cluster.name": "sluice-tests",
    "node.name": "node-1",
    "path.data": data,
    "path.logs": join(directory, "logs"),
    "network.host": HOST,
    "http.port": http,
    "transport.port": transport,
    "discovery.type": "single-node",
    // A machine whose disk is nearly full would otherwise make every index read-only.
    "cluster.routing.allocation.disk.threshold_enabled": false,
  };
  // JSON values are YAML values.
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join("");
}

function jvm(directory: string): readonly string[] {
  return [
    "-Xms512m",
    "-Xmx512m",
    "-XX:MaxDirectMemorySize=256m",
    // As the distribution sets it for small heaps: fewer requests refused by the memory circuit breaker.
    "-XX:+UseG1GC",
    "-XX:G1HeapRegionSize=4m",
    "-XX:InitiatingHeapOccupancyPercent=30",
    "-XX:G1ReservePercent=15",
    "-Xss1m",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-OmitStackTraceInFastThrow",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Djava.locale.providers=CLDR",
    `-Djava.io.tmpdir=${join(directory, "tmp")}`,
    `-XX:ErrorFile=${join(directory, "logs", "hs_err_pid%p.log")}`,
    "-Djna.nosys=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.formatMsgNoLookups=true",
  ];
}

/**
 * The distribution brings native libraries, Maven Central does not. The system's zstd serves as well (best_compression);
 * without the vector library Elasticsearch computes in Java.
 */
async function nativeLibraries(directory: string): Promise<readonly string[]> {
  const args = ["-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false"];
  const listed = await run("/sbin/ldconfig", ["-p"]).catch(() => ({ stdout: "" }));
  const zstd = /^\s*libzstd\.so\.1 .*=> (\S+)$/m.exec(listed.stdout)?.[1];
  if (zstd === undefined) return args;
  const native = join(directory, "native");
  rmSync(native, { recursive: true, force: true });
  mkdirSync(native);
  symlinkSync(zstd, join(native, "libzstd.so"));
  return [...args, `-Des.nativelibs.path=${native}`];
}

const LOG4J = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
