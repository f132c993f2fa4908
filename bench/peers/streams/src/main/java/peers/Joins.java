package peers;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;

/** W7: readings with the table of their devices, and with the visits within a minute. */
final class Joins {
  public static final class Device {
    public String deviceId;
    public String owner;
    public double ceiling;
  }

  public static final class Visit {
    public String deviceId;
    public long ts;
    public String technician;
  }

  public record High(String deviceId, long ts, double temperature, String owner, double ceiling) {}

  public record Pair(String deviceId, long ts, double temperature, long visited, String technician) {}

  private Joins() {}

  static void enrich(KStream<String, Temperature> readings, StreamsBuilder builder, String topic) {
    var devices = builder.table(topic, Consumed.with(Serdes.String(), Json.of(Device.class)));
    readings
      .join(
        devices,
        (reading, device) -> new High(reading.deviceId, reading.ts, reading.temperature, device.owner, device.ceiling),
        Joined.with(Serdes.String(), Json.of(Temperature.class), Json.of(Device.class)))
      .filter((key, high) -> high.temperature > high.ceiling)
      .to("peer-W7-enrich", Produced.with(Serdes.String(), Json.of(High.class)));
  }

  static void pairs(KStream<String, Temperature> readings, StreamsBuilder builder, String topic, LongAdder processed) {
    KStream<String, Visit> visits = builder.stream(topic, Consumed.with(Serdes.String(), Json.of(Visit.class)))
      .peek((key, visit) -> processed.increment());
    readings.filter((key, reading) -> reading.temperature > 28)
      .join(
        visits,
        (reading, visit) -> new Pair(reading.deviceId, reading.ts, reading.temperature, visit.ts, visit.technician),
        JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(5)),
        StreamJoined.with(Serdes.String(), Json.of(Temperature.class), Json.of(Visit.class)))
      .to("peer-W7-pairs", Produced.with(Serdes.String(), Json.of(Pair.class)));
  }
}
