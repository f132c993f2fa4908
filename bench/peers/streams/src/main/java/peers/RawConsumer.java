package peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** W0: the upper limit. One consumer thread, byte[] in, default consumer settings; --parse true adds Jackson to POJO. */
public final class RawConsumer {
  public static void main(String[] a) throws Exception {
    String topic = Measure.arg(a, "topic");
    boolean parse = Boolean.parseBoolean(Measure.arg(a, "parse", "false"));
    Properties p = new Properties();
    p.put("bootstrap.servers", Measure.arg(a, "bootstrap"));
    p.put("enable.auto.commit", "false"); p.put("auto.offset.reset", "earliest");
    String mpr = Measure.arg(a, "max-poll-records", null); if (mpr != null) p.put("max.poll.records", mpr);
    ObjectMapper m = new ObjectMapper();
    try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> tps = new ArrayList<>();
      c.partitionsFor(topic).forEach(i -> tps.add(new TopicPartition(topic, i.partition())));
      c.assign(tps); c.seekToBeginning(tps);
      long total = c.endOffsets(tps).values().stream().mapToLong(x -> x).sum();
      Measure.expected = total;
      long n = 0, bytes = 0, hot = 0, t0 = System.nanoTime();
      while (n < total) {
        ConsumerRecords<byte[], byte[]> rs = c.poll(Duration.ofMillis(500));
        Measure.consumed(rs.count());
        for (ConsumerRecord<byte[], byte[]> r : rs) {
          n++; bytes += r.value().length;
          if (parse && m.readValue(r.value(), Temperature.class).temperature > 25) hot++;
        }
      }
      Measure.report("consumer", parse ? "W0-jackson" : "W0-raw", n, t0, System.nanoTime(), hot, "\"mb\":" + bytes / 1_000_000);
    }
  }
}
