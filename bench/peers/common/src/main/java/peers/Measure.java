package peers;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Measures by the same interceptors of Kafka's clients in every peer, so that the clock starts and stops at the same places. */
public final class Measure {
  /** Prefix of the topics with results; everything else is the peer's own business, such as changelogs. */
  private static final String RESULTS = "peer-";

  /** The records that the run will read; set before the start. */
  public static volatile long expected;

  /** nanoTime of the broker's latest acknowledgement of a result. */
  public static final AtomicLong lastAck = new AtomicLong();

  private static final LongAdder consumed = new LongAdder();
  private static final LongAdder acked = new LongAdder();
  /** nanoTime when the first records came; 0 before. */
  private static final AtomicLong firstPoll = new AtomicLong();
  /** nanoTime when half of the records had come, and how many there were: the second half leaves most of the warm-up out. */
  private static final AtomicLong halfAt = new AtomicLong();
  private static final AtomicLong halfCount = new AtomicLong();
  private static volatile double cpuAtFirst;

  private Measure() {}

  public static void consumed(int records) {
    if (records == 0) return;
    if (firstPoll.get() == 0 && firstPoll.compareAndSet(0, System.nanoTime())) cpuAtFirst = cpuSeconds();
    consumed.add(records);
    if (halfAt.get() != 0) return;
    long count = consumed.sum();
    if (count >= expected / 2 && halfAt.compareAndSet(0, System.nanoTime())) halfCount.set(count);
  }

  /** One line of JSON behind the word RESULT, which the bench reads. */
  public static void report(long end) {
    double seconds = (end - firstPoll.get()) / 1e9;
    double secondHalf = (expected - halfCount.get()) / ((end - halfAt.get()) / 1e9);
    System.out.println(String.format(Locale.ROOT,
      "RESULT {\"messages\":%d,\"seconds\":%.3f,\"secondHalfRate\":%.0f,\"workCpuSeconds\":%.2f,\"results\":%d}",
      expected, seconds, secondHalf, cpuSeconds() - cpuAtFirst, acked.sum()));
    System.out.flush();
  }

  private static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }

  /** The option `--name`, which must be there. */
  public static String arg(String[] args, String name) {
    String found = arg(args, name, null);
    if (found == null) throw new IllegalArgumentException("--" + name + " is missing");
    return found;
  }

  public static String arg(String[] args, String name, String otherwise) {
    for (int i = 0; i + 1 < args.length; i++) if (args[i].equals("--" + name)) return args[i + 1];
    return otherwise;
  }

  /** Of consumers. */
  public static final class In implements ConsumerInterceptor<Object, Object> {
    @Override public ConsumerRecords<Object, Object> onConsume(ConsumerRecords<Object, Object> records) {
      consumed(records.count());
      return records;
    }

    @Override public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}
    @Override public void close() {}
    @Override public void configure(Map<String, ?> settings) {}
  }

  /** Of producers. */
  public static final class Out implements ProducerInterceptor<Object, Object> {
    @Override public ProducerRecord<Object, Object> onSend(ProducerRecord<Object, Object> sent) {
      return sent;
    }

    @Override public void onAcknowledgement(RecordMetadata metadata, Exception error) {
      if (error != null || metadata == null || !metadata.topic().startsWith(RESULTS)) return;
      acked.increment();
      lastAck.lazySet(System.nanoTime());
    }

    @Override public void close() {}
    @Override public void configure(Map<String, ?> settings) {}
  }
}
