package peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
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

/** Measuring: the same Kafka client interceptors in every peer, so the clock starts and stops at the same places. */
public final class Measure {
  /** nanoTime when the first non-empty poll on the input topic returned; 0 before. */
  public static final AtomicLong firstPoll = new AtomicLong();
  public static final LongAdder consumed = new LongAdder();
  /** Set before the start: the records the run will read. The second half's rate leaves out class loading and most of the JIT's warm-up. */
  public static volatile long expected;
  static volatile double cpuAtFirst;             // what start-up, planning and submitting took before
  static final AtomicLong halfAt = new AtomicLong(), halfCount = new AtomicLong();
  public static void consumed(int n) {
    if (n == 0) return;
    if (firstPoll.get() == 0 && firstPoll.compareAndSet(0, System.nanoTime())) cpuAtFirst = cpuSeconds();
    consumed.add(n);
    if (halfAt.get() == 0) { long c = consumed.sum(); if (c >= expected / 2 && expected > 0 && halfAt.compareAndSet(0, System.nanoTime())) halfCount.set(c); }
  }
  /** nanoTime of the latest broker acknowledgement of a record on a result topic. */
  public static final AtomicLong lastAck = new AtomicLong();
  public static final LongAdder acked = new LongAdder();
  public static final LongAdder ackedInternal = new LongAdder();

  public static final class In implements ConsumerInterceptor<Object, Object> {
    @Override public ConsumerRecords<Object, Object> onConsume(ConsumerRecords<Object, Object> r) {
      consumed(r.count());
      return r;
    }
    @Override public void onCommit(Map<TopicPartition, OffsetAndMetadata> o) {}
    @Override public void close() {}
    @Override public void configure(Map<String, ?> c) {}
  }

  public static final class Out implements ProducerInterceptor<Object, Object> {
    @Override public ProducerRecord<Object, Object> onSend(ProducerRecord<Object, Object> r) { return r; }
    @Override public void onAcknowledgement(RecordMetadata m, Exception e) {
      if (e != null || m == null) return;
      if (m.topic().startsWith("peer-")) { acked.increment(); lastAck.lazySet(System.nanoTime()); }
      else ackedInternal.increment(); // changelogs, repartition topics
    }
    @Override public void close() {}
    @Override public void configure(Map<String, ?> c) {}
  }

  public static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }

  public static long peakRssMb() {
    try {
      for (String l : Files.readAllLines(Path.of("/proc/self/status")))
        if (l.startsWith("VmHWM:")) return Long.parseLong(l.replaceAll("\\D", "")) / 1024;
    } catch (Exception e) { /* not Linux */ }
    return -1;
  }

  /** One line of JSON per run; the bench collects these. */
  public static void report(String peer, String workload, long n, long t0, long t1, long out, String extra) {
    double s = (t1 - t0) / 1e9;
    double half = halfAt.get() == 0 ? 0 : (n - halfCount.get()) / ((t1 - halfAt.get()) / 1e9);
    System.out.println(String.format(Locale.ROOT,
      "RESULT {\"peer\":\"%s\",\"workload\":\"%s\",\"n\":%d,\"wall_s\":%.3f,\"rate\":%.0f,\"rate2\":%.0f,\"cpu_s\":%.1f,\"cpu_run_s\":%.1f,\"rss_mb\":%d,\"out\":%d%s}",
      peer, workload, n, s, n / s, half, cpuSeconds(), cpuSeconds() - cpuAtFirst, peakRssMb(), out, extra == null || extra.isEmpty() ? "" : "," + extra));
    System.out.flush();
  }

  /** The option `--name`; without a default it must be there. */
  public static String arg(String[] a, String name) {
    String found = arg(a, name, null);
    if (found == null) throw new IllegalArgumentException("--" + name + " is missing");
    return found;
  }

  public static String arg(String[] a, String name, String dflt) {
    for (int i = 0; i + 1 < a.length; i++) if (a[i].equals("--" + name)) return a[i + 1];
    return dflt;
  }
}
