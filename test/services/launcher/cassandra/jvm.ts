import { join } from "node:path";

const EXPORTED = [
  "java.base/jdk.internal.misc",
  "java.management.rmi/com.sun.jmx.remote.internal.rmi",
  "java.rmi/sun.rmi.registry",
  "java.rmi/sun.rmi.server",
  "java.sql/java.sql",
  "java.base/java.lang.ref",
  "jdk.unsupported/sun.misc",
  "jdk.compiler/com.sun.tools.javac.file",
  "jdk.attach/sun.tools.attach",
];

const OPENED = [
  "java.base/java.lang.module",
  "java.base/jdk.internal.loader",
  "java.base/jdk.internal.ref",
  "java.base/jdk.internal.reflect",
  "java.base/jdk.internal.math",
  "java.base/jdk.internal.module",
  "java.base/jdk.internal.util.jar",
  "jdk.management/com.sun.management.internal",
  "java.base/sun.nio.ch",
  "java.base/java.io",
  "java.base/java.lang",
  "java.base/java.lang.reflect",
  "java.base/java.util",
  "java.base/java.util.concurrent",
  "java.base/java.util.concurrent.atomic",
  "java.base/java.nio",
  "jdk.compiler/com.sun.tools.javac",
];

/** What the distribution's start script gives to Java 17, and what lets a lone node be ready at once. */
export function cassandraJvm(directory: string, data: string): readonly string[] {
  return [
    "-Xss256k",
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djdk.attach.allowAttachSelf=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    ...EXPORTED.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
    ...OPENED.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
    "-Djava.net.preferIPv4Stack=true",
    "-Djava.awt.headless=true",
    // Without this it closes its output, and the log stays empty.
    "-Dcassandra-foreground=yes",
    `-Dcassandra.config=file://${join(directory, "cassandra.yaml")}`,
    `-Dcassandra.storagedir=${data}`,
    `-Dcassandra.triggers_dir=${join(data, "triggers")}`,
    `-Dlogback.configurationFile=${join(directory, "logback.xml")}`,
    "-Dcassandra.skip_wait_for_gossip_to_settle=0",
    "-Dcassandra.ring_delay_ms=1",
    "-Dcassandra.superuser_setup_delay_ms=0",
    "-Dcassandra.shutdown_announce_in_ms=0",
  ];
}
