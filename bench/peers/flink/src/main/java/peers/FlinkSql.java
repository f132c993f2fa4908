package peers;

import java.nio.file.*;
import java.util.*;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Flink SQL on a MiniCluster in this process: --workload W1 | W2 | W2u | W3, --checkpoint-ms 0 | 10000, --state hashmap | rocksdb.
 * W2 = final results per window (TVF TUMBLE), W2u = one upsert per change (GROUP BY, no window function).
 */
public final class FlinkSql {
  /** The tables of a workload. */
  static List<String> ddl(String bootstrap, String topic, String w) {
    List<String> d = new ArrayList<>();
    d.add("CREATE TABLE temperatures (\n  deviceId STRING, homeId STRING, `type` STRING, ts BIGINT, temperature DOUBLE, humidity INT, battery DOUBLE, firmware STRING,\n"
      + "  location ROW<city STRING, zone STRING>,\n  rowtime AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR rowtime AS rowtime - INTERVAL '5' SECOND\n) WITH (\n"
      + "  'connector' = 'kafka', 'topic' = '" + topic + "', 'properties.bootstrap.servers' = '" + bootstrap + "', 'properties.group.id' = 'flink-peer',\n"
      + "  'properties.interceptor.classes' = 'peers.Measure$In',\n"
      + "  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json')");
    String with = ") WITH ('connector' = 'kafka', 'topic' = '%s', 'properties.bootstrap.servers' = '" + bootstrap + "',\n"
      + "  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',\n"
      + "  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL')";
    switch (w) {
      case "W1" -> d.add("CREATE TABLE o1 (deviceId STRING, ts BIGINT, temperature DOUBLE" + String.format(with, "peer-w1"));
      case "W2" -> d.add("CREATE TABLE o2 (deviceId STRING, windowStart TIMESTAMP(3), windowEnd TIMESTAMP(3), cnt BIGINT, `avg` DOUBLE, `min` DOUBLE, `max` DOUBLE" + String.format(with, "peer-w2"));
      case "W2u" -> d.add("CREATE TABLE o2 (deviceId STRING, windowStart BIGINT, cnt BIGINT, `avg` DOUBLE, `min` DOUBLE, `max` DOUBLE, PRIMARY KEY (deviceId, windowStart) NOT ENFORCED"
        + ") WITH ('connector' = 'upsert-kafka', 'topic' = 'peer-w2', 'properties.bootstrap.servers' = '" + bootstrap + "', 'properties.interceptor.classes' = 'peers.Measure$Out',"
        + " 'properties.linger.ms' = '100', 'properties.batch.size' = '65536', 'key.format' = 'json', 'value.format' = 'json')");
      case "W3" -> {
        d.add("CREATE TABLE o_hot (deviceId STRING, ts BIGINT, temperature DOUBLE" + String.format(with, "peer-hot"));
        d.add("CREATE TABLE o_low (deviceId STRING, ts BIGINT, battery DOUBLE" + String.format(with, "peer-lowbattery"));
        d.add("CREATE TABLE o_humid (deviceId STRING, ts BIGINT, humidity INT" + String.format(with, "peer-humid"));
      }
      default -> throw new IllegalArgumentException(w);
    }
    return d;
  }

  static List<String> dml(String w) {
    return switch (w) {
      case "W1" -> List.of("INSERT INTO o1 SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 25");
      case "W2" -> List.of("INSERT INTO o2 SELECT deviceId, window_start, window_end, COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)\n"
        + "FROM TABLE(TUMBLE(TABLE temperatures, DESCRIPTOR(rowtime), INTERVAL '1' MINUTE)) GROUP BY deviceId, window_start, window_end");
      case "W2u" -> List.of("INSERT INTO o2 SELECT deviceId, ts - MOD(ts, 60000), COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)\n"
        + "FROM temperatures GROUP BY deviceId, ts - MOD(ts, 60000)");
      case "W3" -> List.of(
        "INSERT INTO o_hot SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 28",
        "INSERT INTO o_low SELECT deviceId, ts, battery FROM temperatures WHERE battery < 0.2",
        "INSERT INTO o_humid SELECT deviceId, ts, humidity FROM temperatures WHERE humidity > 70");
      default -> throw new IllegalArgumentException(w);
    };
  }

  static long recreate(String bootstrap, String topic, String w) throws Exception {
    Set<String> outs = Set.copyOf(w.equals("W3") ? List.of("peer-hot", "peer-lowbattery", "peer-humid") : List.of("peer-" + w.substring(0, 2).toLowerCase()));
    Properties ap = new Properties(); ap.put("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(ap); var c = new KafkaConsumer<>(ap, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<String> have = new ArrayList<>(admin.listTopics().names().get()); have.retainAll(outs);
      if (!have.isEmpty()) { admin.deleteTopics(have).all().get(); while (!Collections.disjoint(admin.listTopics().names().get(), outs)) Thread.sleep(50); Thread.sleep(300); }
      List<NewTopic> nt = new ArrayList<>(); for (String t : outs) nt.add(new NewTopic(t, 4, (short) 1).configs(Map.of("retention.ms", "-1")));
      admin.createTopics(nt).all().get();
      List<TopicPartition> tps = new ArrayList<>(); c.partitionsFor(topic).forEach(i -> tps.add(new TopicPartition(topic, i.partition())));
      return c.endOffsets(tps).values().stream().mapToLong(x -> x).sum();
    }
  }

  public static void main(String[] a) throws Exception {
    String bootstrap = Measure.arg(a, "bootstrap"), topic = Measure.arg(a, "topic"), w = Measure.arg(a, "workload", "W1");
    String ck = Measure.arg(a, "checkpoint-ms", "0"), state = Measure.arg(a, "state", "hashmap"), peer = Measure.arg(a, "peer", "flink-sql");
    long total = recreate(bootstrap, topic, w);

    Configuration c = new Configuration();
    c.setString("parallelism.default", Measure.arg(a, "parallelism", "2"));
    c.setString("table.local-time-zone", "UTC");
    c.setString("state.backend.type", state);
    c.setString("rest.bind-address", "127.0.0.1"); c.setString("rest.address", "127.0.0.1");
    if (!ck.equals("0")) {
      Path dir = Path.of(Measure.arg(a, "checkpoint-dir")); Files.createDirectories(dir);
      c.setString("execution.checkpointing.interval", ck + " ms");
      // The default keeps checkpoints in the JobManager's heap, 5 MiB a state at most.
      c.setString("execution.checkpointing.storage", "filesystem"); c.setString("execution.checkpointing.dir", dir.toUri().toString());
      c.setString("state.checkpoint-storage", "filesystem"); c.setString("state.checkpoints.dir", dir.toUri().toString());
    }
    for (int i = 0; i + 1 < a.length; i++) if (a[i].equals("-D")) { String[] kv = a[i + 1].split("=", 2); c.setString(kv[0], kv[1]); }
    TableEnvironment t = TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(c).build());
    for (String s : ddl(bootstrap, topic, w)) t.executeSql(s);
    StatementSet set = t.createStatementSet();
    for (String s : dml(w)) set.addInsertSql(s);
    if (Arrays.asList(a).contains("--explain")) { System.out.println(set.explain()); return; }
    Measure.expected = total;
    long t0 = System.nanoTime();
    TableResult r = set.execute();
    long submitted = System.nanoTime();
    r.await();
    long end = System.nanoTime();
    Measure.report(peer, w + (state.equals("hashmap") ? "" : "-" + state) + (ck.equals("0") ? "" : "-ck" + Integer.parseInt(ck) / 1000 + "s"), total, Measure.firstPoll.get(), Measure.lastAck.get(), Measure.acked.sum(),
      String.format(Locale.ROOT, "\"consumed\":%d,\"submit_s\":%.2f,\"job_s\":%.2f", Measure.consumed.sum(), (submitted - t0) / 1e9, (end - t0) / 1e9));
    System.exit(0);
  }
}
