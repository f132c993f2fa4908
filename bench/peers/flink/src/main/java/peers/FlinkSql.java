package peers;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.kafka.clients.admin.Admin;

/**
 * Flink SQL on a MiniCluster in this process: --workload W2 or another of the resources, --topics temperatures=TOPIC,visits=TOPIC for the tables
 * that it reads, --checkpoint-ms 0 | 10000. All INSERTs of a workload run as one job.
 */
public final class FlinkSql {
  private static final Pattern OUTPUT = Pattern.compile("'topic' = '(peer-[^']+)'");

  private FlinkSql() {}

  public static void main(String[] args) throws Exception {
    String bootstrap = Measure.arg(args, "bootstrap");
    Map<String, String> topics = Topics.named(Measure.arg(args, "topics"));
    String statements = read(Measure.arg(args, "workload") + ".sql");
    List<String> outputs = OUTPUT.matcher(statements).results().map(found -> found.group(1)).toList();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      Topics.recreate(admin, outputs);
    }
    StringBuilder sources = new StringBuilder();
    for (var table : topics.entrySet()) {
      Measure.expected += Topics.count(bootstrap, table.getValue());
      sources.append(read(table.getKey() + ".sql").replace("${topic}", table.getValue()));
    }
    TableEnvironment tables = TableEnvironment.create(
      EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration(args)).build());
    StatementSet inserts = tables.createStatementSet();
    for (String statement : (sources + statements).split(";\\s*\\n")) {
      String text = statement.replaceAll("(?m)^--.*$", "").replace("${bootstrap}", bootstrap).strip();
      if (text.startsWith("INSERT")) inserts.addInsertSql(text);
      else tables.executeSql(text);
    }
    if (Arrays.asList(args).contains("--explain")) {
      System.out.println(inserts.explain());
      return;
    }
    inserts.execute().await();
    Measure.report(Measure.lastAck.get());
    System.exit(0);
  }

  private static Configuration configuration(String[] args) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", Measure.arg(args, "parallelism", "2"));
    configuration.setString("table.local-time-zone", "UTC");
    configuration.setString("state.backend.type", "hashmap");
    configuration.setString("rest.bind-address", "127.0.0.1");
    configuration.setString("rest.address", "127.0.0.1");
    String interval = Measure.arg(args, "checkpoint-ms", "0");
    if (interval.equals("0")) return configuration;
    Path directory = Path.of(Measure.arg(args, "checkpoint-dir"));
    Files.createDirectories(directory);
    configuration.setString("execution.checkpointing.interval", interval + " ms");
    // By default checkpoints are kept in the JobManager's heap, 5 MiB of a state at most. The first pair of names is that of Flink 2.
    configuration.setString("execution.checkpointing.storage", "filesystem");
    configuration.setString("execution.checkpointing.dir", directory.toUri().toString());
    configuration.setString("state.checkpoint-storage", "filesystem");
    configuration.setString("state.checkpoints.dir", directory.toUri().toString());
    return configuration;
  }

  private static String read(String name) throws Exception {
    try (InputStream resource = FlinkSql.class.getResourceAsStream("/" + name)) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
