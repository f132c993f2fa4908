package peers;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Of the readings of a device in a window. */
public final class Stat {
  /** 32 bytes each; the cheapest form that a state store can keep. */
  static final Serde<Stat> BINARY = Serdes.serdeFrom(
    (topic, stat) -> stat == null ? null : stat.toBytes(),
    (topic, bytes) -> bytes == null ? null : fromBytes(bytes));

  public long count;
  public double sum;
  public double min = Double.POSITIVE_INFINITY;
  public double max = Double.NEGATIVE_INFINITY;

  Stat add(double value) {
    count++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
    return this;
  }

  private byte[] toBytes() {
    return ByteBuffer.allocate(32).putLong(count).putDouble(sum).putDouble(min).putDouble(max).array();
  }

  private static Stat fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Stat stat = new Stat();
    stat.count = buffer.getLong();
    stat.sum = buffer.getDouble();
    stat.min = buffer.getDouble();
    stat.max = buffer.getDouble();
    return stat;
  }
}
