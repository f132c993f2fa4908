package peers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The topics of a run: how much there is to read, and empty ones to write to. */
public final class Topics {
  private Topics() {}

  /** `name=topic,name=topic`, in that order. */
  public static Map<String, String> named(String text) {
    Map<String, String> topics = new LinkedHashMap<>();
    for (String pair : text.split(",")) topics.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    return topics;
  }

  /** Makes the topics anew. Event time lies in the past: with any retention the broker would delete the records. */
  public static void recreate(Admin admin, List<String> topics) throws Exception {
    delete(admin, topics);
    List<NewTopic> made = new ArrayList<>();
    for (String topic : topics) made.add(new NewTopic(topic, 4, (short) 1).configs(Map.of("retention.ms", "-1")));
    admin.createTopics(made).all().get();
  }

  private static void delete(Admin admin, Collection<String> topics) throws Exception {
    List<String> found = new ArrayList<>(admin.listTopics().names().get());
    found.retainAll(topics);
    if (found.isEmpty()) return;
    admin.deleteTopics(found).all().get();
    while (!Collections.disjoint(admin.listTopics().names().get(), topics)) Thread.sleep(50);
  }

  /** Records in the topic now. */
  public static long count(String bootstrap, String topic) {
    try (Consumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      return count(consumer, partitions(consumer, topic));
    }
  }

  static long count(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    return consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
  }

  static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream().map(found -> new TopicPartition(topic, found.partition())).toList();
  }

  /** With Kafka's own defaults, but from the beginning and without commits. */
  static Consumer<byte[], byte[]> consumer(String bootstrap) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
