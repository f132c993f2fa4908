package peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Kafka Streams: --workload W1 | W2 | W3 | W6-… | W7-…, --topics temperatures=TOPIC,visits=TOPIC for what it reads; for W2
 * --emit update | suppress, --store rocksdb | memory, --logging true | false, --state json | bin.
 */
public final class Streams {
  public record Hot(String deviceId, long ts, double temperature) {}

  public record LowBattery(String deviceId, long ts, double battery) {}

  public record Humid(String deviceId, long ts, int humidity) {}

  public record Result(String deviceId, long windowStart, long windowEnd, long cnt, double avg, double min, double max) {}

  private final String[] args;
  private final LongAdder processed = new LongAdder();

  private Streams(String[] args) {
    this.args = args;
  }

  public static void main(String[] args) throws Exception {
    new Streams(args).run();
    System.exit(0);
  }

  private void run() throws Exception {
    String bootstrap = Measure.arg(args, "bootstrap");
    String workload = Measure.arg(args, "workload");
    String application = "ks-" + workload.toLowerCase() + "-" + ProcessHandle.current().pid();
    List<String> outputs = workload.equals("W3") ? List.of("peer-hot", "peer-lowbattery", "peer-humid") : List.of("peer-" + workload);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      Topics.recreate(admin, outputs);
      Map<String, String> topics = Topics.named(Measure.arg(args, "topics"));
      long records = 0;
      for (var topic : topics.entrySet()) {
        long count = Topics.count(bootstrap, topic.getValue());
        Measure.expected += count;
        // Tables are read beside the streams, not record by record.
        if (!topic.getKey().equals("devices")) records += count;
      }
      StreamsBuilder builder = new StreamsBuilder();
      define(builder, workload);
      KafkaStreams streams = new KafkaStreams(builder.build(), settings(bootstrap, application));
      streams.setUncaughtExceptionHandler(error -> {
        error.printStackTrace();
        System.exit(3);
        return null;
      });
      streams.cleanUp();
      streams.start();
      while (processed.sum() < records) Thread.sleep(2);
      long done = System.nanoTime();
      // Commits: caches and producers are flushed, and the last acknowledgement is the end.
      streams.close(Duration.ofSeconds(120));
      Measure.report(Math.max(Measure.lastAck.get(), done));
      streams.cleanUp();
      List<String> made = new ArrayList<>();
      for (String topic : admin.listTopics().names().get()) if (topic.startsWith(application)) made.add(topic);
      admin.deleteTopics(made).all().get();
    }
  }

  private void define(StreamsBuilder builder, String workload) {
    Map<String, String> topics = Topics.named(Measure.arg(args, "topics"));
    KStream<String, Temperature> readings = builder
      .stream(topics.get("temperatures"), Consumed.with(Serdes.String(), Json.of(Temperature.class)))
      .peek((key, reading) -> processed.increment());
    switch (workload) {
      case "W1" -> hot(readings, 25, "peer-W1");
      case "W2" -> windows(readings);
      case "W3" -> {
        hot(readings, 28, "peer-hot");
        readings.filter((key, reading) -> reading.battery < 0.2)
          .mapValues(reading -> new LowBattery(reading.deviceId, reading.ts, reading.battery))
          .to("peer-lowbattery", Produced.with(Serdes.String(), Json.of(LowBattery.class)));
        readings.filter((key, reading) -> reading.humidity > 70)
          .mapValues(reading -> new Humid(reading.deviceId, reading.ts, reading.humidity))
          .to("peer-humid", Produced.with(Serdes.String(), Json.of(Humid.class)));
      }
      case "W6-hopping" -> Groups.hopping(readings);
      case "W6-session" -> Groups.sessions(readings);
      case "W6-distinct" -> Groups.distinct(readings);
      case "W6-top" -> Groups.top(readings);
      case "W7-enrich" -> Joins.enrich(readings, builder, topics.get("devices"));
      case "W7-pairs" -> Joins.pairs(readings, builder, topics.get("visits"), processed);
      default -> throw new IllegalArgumentException(workload);
    }
  }

  private static void hot(KStream<String, Temperature> readings, double limit, String topic) {
    readings.filter((key, reading) -> reading.temperature > limit)
      .mapValues(reading -> new Hot(reading.deviceId, reading.ts, reading.temperature))
      .to(topic, Produced.with(Serdes.String(), Json.of(Hot.class)));
  }

  private void windows(KStream<String, Temperature> readings) {
    boolean isLogged = Boolean.parseBoolean(Measure.arg(args, "logging", "true"));
    boolean isBinary = Measure.arg(args, "state", "json").equals("bin");
    boolean isInMemory = Measure.arg(args, "store", "rocksdb").equals("memory");
    var store = Materialized.<String, Stat, WindowStore<Bytes, byte[]>>as("stats")
      .withKeySerde(Serdes.String())
      .withValueSerde(isBinary ? Stat.BINARY : Json.of(Stat.class))
      .withStoreType(isInMemory ? Materialized.StoreType.IN_MEMORY : Materialized.StoreType.ROCKS_DB);
    KTable<Windowed<String>, Stat> stats = readings.groupByKey()
      .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(5)))
      .aggregate(Stat::new, (key, reading, stat) -> stat.add(reading.temperature), isLogged ? store : store.withLoggingDisabled());
    if (Measure.arg(args, "emit", "update").equals("suppress")) {
      var buffer = Suppressed.BufferConfig.unbounded();
      stats = stats.suppress(Suppressed.untilWindowCloses(isLogged ? buffer : buffer.withLoggingDisabled()));
    }
    stats.toStream().map((window, stat) -> KeyValue.pair(window.key(), result(window, stat)))
      .to("peer-W2", Produced.with(Serdes.String(), Json.of(Result.class)));
  }

  private static Result result(Windowed<String> key, Stat stat) {
    var window = key.window();
    return new Result(key.key(), window.start(), window.end(), stat.count, stat.sum / stat.count, stat.min, stat.max);
  }

  private Properties settings(String bootstrap, String application) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Measure.arg(args, "threads", "2"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Measure.arg(args, "state-dir"));
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.mainConsumerPrefix("interceptor.classes"), Measure.In.class.getName());
    settings.put(StreamsConfig.producerPrefix("interceptor.classes"), Measure.Out.class.getName());
    // The default of Kafka Streams; said because Flink gets the same.
    settings.put(StreamsConfig.producerPrefix("linger.ms"), "100");
    settings.put(StreamsConfig.producerPrefix("batch.size"), "65536");
    return settings;
  }
}
