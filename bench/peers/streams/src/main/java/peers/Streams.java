package peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

/**
 * Kafka Streams: --workload W1 | W2 | W3, --store rocksdb | memory, --logging true | false,
 * --emit update | suppress | onclose (W2), --state json | bin (W2).
 */
public final class Streams {
  static final ObjectMapper JSON = new ObjectMapper();

  static <T> Serde<T> json(Class<T> c) {
    return Serdes.serdeFrom(
      (topic, v) -> { try { return v == null ? null : JSON.writeValueAsBytes(v); } catch (IOException e) { throw new UncheckedIOException(e); } },
      (topic, b) -> { try { return b == null ? null : JSON.readValue(b, c); } catch (IOException e) { throw new UncheckedIOException(e); } });
  }

  public record Hot(String deviceId, long ts, double temperature) {}
  public record LowBattery(String deviceId, long ts, double battery) {}
  public record Humid(String deviceId, long ts, int humidity) {}
  public record Stat(String deviceId, long windowStart, long windowEnd, long cnt, double avg, double min, double max) {}
  public static final class Agg { public long cnt; public double sum, min = Double.POSITIVE_INFINITY, max = Double.NEGATIVE_INFINITY;
    Agg add(double t) { cnt++; sum += t; if (t < min) min = t; if (t > max) max = t; return this; } }

  static Serde<Agg> bin() {
    return Serdes.serdeFrom(
      (topic, v) -> v == null ? null : ByteBuffer.allocate(32).putLong(v.cnt).putDouble(v.sum).putDouble(v.min).putDouble(v.max).array(),
      (topic, b) -> { if (b == null) return null; ByteBuffer x = ByteBuffer.wrap(b); Agg g = new Agg(); g.cnt = x.getLong(); g.sum = x.getDouble(); g.min = x.getDouble(); g.max = x.getDouble(); return g; });
  }

  public static void main(String[] a) throws Exception {
    String bootstrap = Measure.arg(a, "bootstrap"), topic = Measure.arg(a, "topic");
    String w = Measure.arg(a, "workload", "W1"), store = Measure.arg(a, "store", "rocksdb"), emit = Measure.arg(a, "emit", "update"), state = Measure.arg(a, "state", "json");
    boolean logging = Boolean.parseBoolean(Measure.arg(a, "logging", "true")), keep = Boolean.parseBoolean(Measure.arg(a, "keep", "false"));
    String label = w + (w.equals("W2") ? "-" + emit + "-" + store + (logging ? "-log" : "-nolog") + (state.equals("bin") ? "-bin" : "") : "");
    String dir = Measure.arg(a, "state-dir");
    String app = "ks-" + label.toLowerCase() + "-" + ProcessHandle.current().pid();

    List<String> outs = w.equals("W3") ? List.of("peer-hot", "peer-lowbattery", "peer-humid") : List.of("peer-" + w.toLowerCase());
    Properties ap = new Properties(); ap.put("bootstrap.servers", bootstrap);
    Admin admin = Admin.create(ap);
    recreate(admin, outs);
    long total;
    try (var c = new org.apache.kafka.clients.consumer.KafkaConsumer<>(ap, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> tps = new ArrayList<>(); c.partitionsFor(topic).forEach(i -> tps.add(new TopicPartition(topic, i.partition())));
      total = c.endOffsets(tps).values().stream().mapToLong(x -> x).sum();
    }

    Properties p = new Properties();
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, app);
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Measure.arg(a, "threads", "2"));
    p.put(StreamsConfig.STATE_DIR_CONFIG, dir);
    p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    p.put(StreamsConfig.mainConsumerPrefix("interceptor.classes"), Measure.In.class.getName());
    p.put(StreamsConfig.producerPrefix("interceptor.classes"), Measure.Out.class.getName());
    p.put(StreamsConfig.producerPrefix("linger.ms"), "100");       // Kafka Streams' own default
    p.put(StreamsConfig.producerPrefix("batch.size"), "65536");

    LongAdder processed = new LongAdder();
    StreamsBuilder sb = new StreamsBuilder();
    KStream<String, Temperature> in = sb.stream(topic, Consumed.with(Serdes.String(), json(Temperature.class))).peek((k, v) -> processed.increment());
    switch (w) {
      case "W1" -> in.filter((k, v) -> v.temperature > 25).mapValues(v -> new Hot(v.deviceId, v.ts, v.temperature)).to("peer-w1", Produced.with(Serdes.String(), json(Hot.class)));
      case "W3" -> {
        in.filter((k, v) -> v.temperature > 28).mapValues(v -> new Hot(v.deviceId, v.ts, v.temperature)).to("peer-hot", Produced.with(Serdes.String(), json(Hot.class)));
        in.filter((k, v) -> v.battery < 0.2).mapValues(v -> new LowBattery(v.deviceId, v.ts, v.battery)).to("peer-lowbattery", Produced.with(Serdes.String(), json(LowBattery.class)));
        in.filter((k, v) -> v.humidity > 70).mapValues(v -> new Humid(v.deviceId, v.ts, v.humidity)).to("peer-humid", Produced.with(Serdes.String(), json(Humid.class)));
      }
      case "W2" -> {
        Materialized<String, Agg, WindowStore<Bytes, byte[]>> mat = Materialized.<String, Agg, WindowStore<Bytes, byte[]>>as("agg").withKeySerde(Serdes.String()).withValueSerde(state.equals("bin") ? bin() : json(Agg.class));
        mat = store.equals("memory") ? mat.withStoreType(Materialized.StoreType.IN_MEMORY) : mat.withStoreType(Materialized.StoreType.ROCKS_DB);
        if (!logging) mat = mat.withLoggingDisabled();
        TimeWindowedKStream<String, Temperature> win = in.groupByKey().windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(5)));
        if (emit.equals("onclose")) win = win.emitStrategy(EmitStrategy.onWindowClose());
        KTable<Windowed<String>, Agg> t = win.aggregate(Agg::new, (k, v, g) -> g.add(v.temperature), mat);
        if (emit.equals("suppress")) {
          var buf = Suppressed.BufferConfig.unbounded();
          t = t.suppress(Suppressed.untilWindowCloses(logging ? buf : buf.withLoggingDisabled()));
        }
        t.toStream().map((k, g) -> KeyValue.pair(k.key(), new Stat(k.key(), k.window().start(), k.window().end(), g.cnt, g.sum / g.cnt, g.min, g.max)))
          .to("peer-w2", Produced.with(Serdes.String(), json(Stat.class)));
      }
      default -> throw new IllegalArgumentException(w);
    }

    Measure.expected = total;
    KafkaStreams ks = new KafkaStreams(sb.build(), p);
    ks.setUncaughtExceptionHandler(e -> { e.printStackTrace(); System.exit(3); return null; });
    ks.cleanUp(); ks.start();
    while (processed.sum() < total) Thread.sleep(2);
    long done = System.nanoTime();
    ks.close(Duration.ofSeconds(120));    // commits: flushes caches and producers; the last acknowledgement is the end
    Measure.report("kafka-streams", label, total, Measure.firstPoll.get(), Math.max(Measure.lastAck.get(), done), Measure.acked.sum(), "\"changelog\":" + Measure.ackedInternal.sum());
    ks.cleanUp();
    if (!keep) { List<String> del = new ArrayList<>(outs); for (String x : admin.listTopics().names().get()) if (x.startsWith(app)) del.add(x); admin.deleteTopics(del).all().get(); }
    admin.close();                        // the group itself: Kafka Streams does not leave it on close, the broker expires it
    System.exit(0);
  }

  static void recreate(Admin admin, List<String> topics) throws Exception {
    List<String> have = new ArrayList<>(admin.listTopics().names().get()); have.retainAll(topics);
    if (!have.isEmpty()) { admin.deleteTopics(have).all().get(); while (!Collections.disjoint(admin.listTopics().names().get(), topics)) Thread.sleep(50); Thread.sleep(300); }
    List<NewTopic> nt = new ArrayList<>(); for (String t : topics) nt.add(new NewTopic(t, 4, (short) 1).configs(Map.of("retention.ms", "-1")));
    admin.createTopics(nt).all().get();
  }
}
