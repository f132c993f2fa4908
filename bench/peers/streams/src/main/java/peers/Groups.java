package peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.WindowStore;

/** W6: groups of readings beyond tumbling windows, final results, with the defaults of Kafka Streams. */
final class Groups {
  public record Result(String deviceId, long window_start, long window_end, long readings, double average, double highest) {}

  public record DistinctResult(String deviceId, long window_start, long window_end, long readings, long humidities) {}

  public record Place(long ts, double temperature) {}

  /** The whole list at once, which is how it lies in the state. */
  public record Top(String deviceId, List<Place> top) {}

  public static final class Statistics {
    public long count;
    public long humidity;
    public double highest = Double.NEGATIVE_INFINITY;

    Statistics add(Temperature reading) {
      count++;
      humidity += reading.humidity;
      highest = Math.max(highest, reading.temperature);
      return this;
    }

    static Statistics merge(Statistics a, Statistics b) {
      a.count += b.count;
      a.humidity += b.humidity;
      a.highest = Math.max(a.highest, b.highest);
      return a;
    }
  }

  public static final class Values {
    public long count;
    public Set<Integer> values = new HashSet<>();

    Values add(Temperature reading) {
      count++;
      values.add(reading.humidity);
      return this;
    }
  }

  public static final class Places {
    public List<Place> places = new ArrayList<>();

    Places add(Temperature reading) {
      int place = 0;
      while (place < places.size() && !isHigher(reading, places.get(place))) place++;
      places.add(place, new Place(reading.ts, reading.temperature));
      if (places.size() > TOP) places.remove(TOP);
      return this;
    }

    private static boolean isHigher(Temperature reading, Place other) {
      return reading.temperature == other.temperature ? reading.ts < other.ts : reading.temperature > other.temperature;
    }
  }

  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final long GAP_MS = 30_000;
  private static final int TOP = 10;

  private Groups() {}

  static void hopping(KStream<String, Temperature> readings) {
    KTable<Windowed<String>, Statistics> statistics = readings.groupByKey()
      .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofHours(1), GRACE).advanceBy(Duration.ofMinutes(1)))
      .aggregate(Statistics::new, (key, reading, own) -> own.add(reading), window(Json.of(Statistics.class)));
    results(closed(statistics), 0, "peer-W6-hopping");
  }

  static void sessions(KStream<String, Temperature> readings) {
    // A pause of exactly the gap ends no session in Kafka Streams, so that a millisecond less is the same as elsewhere.
    KTable<Windowed<String>, Statistics> statistics = readings.groupByKey()
      .windowedBy(SessionWindows.ofInactivityGapAndGrace(Duration.ofMillis(GAP_MS - 1), GRACE))
      .aggregate(
        Statistics::new,
        (key, reading, own) -> own.add(reading),
        (key, a, b) -> Statistics.merge(a, b),
        Materialized.<String, Statistics, SessionStore<Bytes, byte[]>>as("groups")
          .withKeySerde(Serdes.String())
          .withValueSerde(Json.of(Statistics.class)));
    // The end of a session is the time of its last record there.
    results(closed(statistics), GAP_MS, "peer-W6-session");
  }

  static void distinct(KStream<String, Temperature> readings) {
    KTable<Windowed<String>, Values> values = readings.groupByKey()
      .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), GRACE))
      .aggregate(Values::new, (key, reading, own) -> own.add(reading), window(Json.of(Values.class)));
    closed(values).toStream()
      .map((key, own) -> {
        var window = key.window();
        return KeyValue.pair(key.key(), new DistinctResult(key.key(), window.start(), window.end(), own.count, own.values.size()));
      })
      .to("peer-W6-distinct", Produced.with(Serdes.String(), Json.of(DistinctResult.class)));
  }

  static void top(KStream<String, Temperature> readings) {
    readings.groupByKey()
      .aggregate(
        Places::new,
        (key, reading, own) -> own.add(reading),
        Materialized.<String, Places, KeyValueStore<Bytes, byte[]>>as("groups")
          .withKeySerde(Serdes.String())
          .withValueSerde(Json.of(Places.class)))
      .toStream()
      .mapValues((key, own) -> new Top(key, own.places))
      .to("peer-W6-top", Produced.with(Serdes.String(), Json.of(Top.class)));
  }

  private static <T> Materialized<String, T, WindowStore<Bytes, byte[]>> window(Serde<T> serde) {
    return Materialized.<String, T, WindowStore<Bytes, byte[]>>as("groups").withKeySerde(Serdes.String()).withValueSerde(serde);
  }

  private static <T> KTable<Windowed<String>, T> closed(KTable<Windowed<String>, T> groups) {
    return groups.suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()));
  }

  private static void results(KTable<Windowed<String>, Statistics> groups, long afterEndMs, String topic) {
    groups.toStream()
      .map((key, own) -> {
        var window = key.window();
        double average = (double) own.humidity / own.count;
        return KeyValue.pair(
          key.key(), new Result(key.key(), window.start(), window.end() + afterEndMs, own.count, average, own.highest));
      })
      .to(topic, Produced.with(Serdes.String(), Json.of(Result.class)));
  }
}
