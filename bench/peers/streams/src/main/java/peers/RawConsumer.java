package peers;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** W0: reads all partitions with one thread and the default settings of Kafka's consumer, and looks at nothing but sizes. */
public final class RawConsumer {
  private RawConsumer() {}

  public static void main(String[] args) {
    try (Consumer<byte[], byte[]> consumer = Topics.consumer(Measure.arg(args, "bootstrap"))) {
      List<TopicPartition> partitions = Topics.partitions(consumer, Topics.named(Measure.arg(args, "topics")).get("temperatures"));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Measure.expected = Topics.count(consumer, partitions);
      long count = 0;
      long bytes = 0;
      while (count < Measure.expected) {
        var records = consumer.poll(Duration.ofMillis(500));
        Measure.consumed(records.count());
        for (ConsumerRecord<byte[], byte[]> record : records) {
          count++;
          bytes += record.value().length;
        }
      }
      if (bytes == 0) throw new IllegalStateException("nothing was read");
      Measure.report(System.nanoTime());
    }
  }
}
