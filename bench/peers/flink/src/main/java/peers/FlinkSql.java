package peers;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.kafka.clients.admin.Admin;

/**
 * Flink SQL on a MiniCluster in this process: --workload W1 | W2 | W2u | W3, --checkpoint-ms 0 | 10000.
 * The statements are in the resources; all INSERTs of a workload run as one job.
 */
public final class FlinkSql {
  private static final Map<String, List<String>> OUTPUTS = Map.of(
    "W1", List.of("peer-W1"),
    "W2", List.of("peer-W2"),
    "W2u", List.of("peer-W2"),
    "W3", List.of("peer-hot", "peer-lowbattery", "peer-humid"));

  private FlinkSql() {}

  public static void main(String[] args) throws Exception {
    String bootstrap = Measure.arg(args, "bootstrap");
    String topic = Measure.arg(args, "topic");
    String workload = Measure.arg(args, "workload");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      Topics.recreate(admin, OUTPUTS.get(workload));
    }
    Measure.expected = Topics.count(bootstrap, topic);
    TableEnvironment tables = TableEnvironment.create(
      EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration(args)).build());
    StatementSet inserts = tables.createStatementSet();
    for (String statement : (read("source.sql") + read(workload + ".sql")).split(";\\s*\\n")) {
      String text = statement.replaceAll("(?m)^--.*$", "").replace("${topic}", topic).replace("${bootstrap}", bootstrap).strip();
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
