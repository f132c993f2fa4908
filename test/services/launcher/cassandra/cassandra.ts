import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../../../src/assert.ts";
import { javaTool, missingTools } from "../java.ts";
import { classPath, pomProperty, resolveClassPath } from "../maven.ts";
import { exchange, HOST } from "../ports.ts";
import type { Instance, Service } from "../service.ts";
import { cassandraJvm } from "./jvm.ts";

const POM = join(import.meta.dirname, "pom.xml");
const VERSION = pomProperty(POM, "cassandra.version");
const NAME = `cassandra-${VERSION}`;
/** Cassandra 5 uses the security manager, which newer versions of Java do not have. */
const JAVA = 17;

/** Of a node that is killed: what it acknowledges is in its commit log, where 200 to 1,500 rows were missing after each kill without. */
export const DURABLE: Readonly<Record<string, string>> = { commitlog_sync: '"batch"', commitlog_sync_period: '"0ms"' };

/** One node of Apache Cassandra; its data centre is `datacenter1`. */
export const cassandra: Service = {
  version: VERSION,
  stopMs: 60_000,
  missing: () => missingTools({ from: JAVA, to: JAVA }),
  install: (shared) => resolveClassPath(shared, NAME, POM),

  async prepare(instance) {
    mkdirSync(join(instance.data, "triggers"), { recursive: true });
    writeFileSync(join(instance.directory, "cassandra.yaml"), configuration(instance));
    writeFileSync(join(instance.directory, "logback.xml"), LOGBACK);
  },

  async command({ directory, data, shared }) {
    const path = classPath(shared, NAME);
    const agent = must(
      path.split(":").find((jar) => /jamm-[^/]*\.jar$/.test(jar)),
      "Cassandra's jamm jar",
    );
    const args = [
      "-Xms768m",
      "-Xmx768m",
      `-javaagent:${agent}`,
      ...cassandraJvm(directory, data),
      "-cp",
      path,
      "org.apache.cassandra.service.CassandraDaemon",
    ];
    return { program: await javaTool("java", JAVA, JAVA), args };
  },

  /** Ready when an OPTIONS frame of CQL v4 is answered by SUPPORTED; its port opens last. */
  async ready({ ports }) {
    const SUPPORTED = 6;
    const answer = await exchange(ports[0], Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0]), 9);
    return answer[4] === SUPPORTED;
  },
};

function configuration({ data, ports: [client, storage], settings = {} }: Instance): string {
  const lines = {
    cluster_name: "sluice-tests",
    num_tokens: 1,
    partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
    endpoint_snitch: "SimpleSnitch",
    seed_provider: [{ class_name: "org.apache.cassandra.locator.SimpleSeedProvider", parameters: [{ seeds: `${HOST}:${storage}` }] }],
    listen_address: HOST,
    storage_port: storage,
    rpc_address: HOST,
    start_native_transport: true,
    native_transport_port: client,
    authenticator: "AllowAllAuthenticator",
    authorizer: "AllowAllAuthorizer",
    auto_bootstrap: false,
    auto_snapshot: false,
    hinted_handoff_enabled: false,
    data_file_directories: [join(data, "data")],
    commitlog_directory: join(data, "commitlog"),
    saved_caches_directory: join(data, "saved_caches"),
    hints_directory: join(data, "hints"),
    cdc_raw_directory: join(data, "cdc_raw"),
    // A node that is killed has lost what it acknowledged in the last tenths of a second: see DURABLE.
    commitlog_sync: "periodic",
    commitlog_sync_period: "10s",
    commitlog_segment_size: "16MiB",
    commitlog_total_space: "512MiB",
    disk_access_mode: "mmap_index_only",
    memtable_allocation_type: "heap_buffers",
    memtable_heap_space: "160MiB",
    memtable_offheap_space: "64MiB",
    file_cache_size: "64MiB",
    networking_cache_size: "32MiB",
    key_cache_size: "16MiB",
    counter_cache_size: "0MiB",
    concurrent_reads: 16,
    concurrent_writes: 16,
    concurrent_counter_writes: 4,
    concurrent_compactors: 1,
    compaction_throughput: "0MiB/s",
    dynamic_snitch: false,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]): [string, unknown] => [name, JSON.parse(value)])),
  };
  // JSON values are YAML values.
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join("");
}

const LOGBACK = `<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{20} - %msg%n</pattern></encoder>
  </appender>
  <root level="warn"><appender-ref ref="STDOUT"/></root>
</configuration>
`;
