import { KafkaError } from "../../../src/adapters/kafka/protocol/error-code.ts";
import type { OpenTransaction, SimPartition } from "../sim-log.ts";
import type { SimEnvironment } from "../sim-process.ts";

type End = "commit" | "abort";

interface Open {
  /** By topic and partition. */
  readonly places: Map<string, { readonly partition: SimPartition; readonly part: OpenTransaction }>;
  /** It is decided, and not known to all partitions yet. */
  end: End | null;
}

/** What the coordinator knows of one transactional id. */
interface Known {
  readonly producerId: number;
  epoch: number;
  open: Open | null;
  last: End | null;
}

export interface Producer {
  readonly transactionalId: string;
  readonly producerEpoch: number;
}

/** Within that the partitions hear of the end of a transaction, each by itself. */
export const MARKER_MS_MAX = 20;

/** The coordinator of all transactions, as brokers since 3.6 are: a later epoch of an id fences earlier ones. */
export class SimTransactions {
  private readonly env: SimEnvironment;
  private readonly byId = new Map<string, Known>();
  private producers = 0;

  constructor(env: SimEnvironment) {
    this.env = env;
  }

  /** `transactionalId` null: of a producer that writes in none. */
  init(transactionalId: string | null): { readonly errorCode: number; readonly producerId: number; readonly producerEpoch: number } {
    if (transactionalId === null) return { errorCode: KafkaError.none, producerId: ++this.producers, producerEpoch: 0 };
    const known = this.byId.get(transactionalId) ?? { producerId: ++this.producers, epoch: -1, open: null, last: null };
    this.byId.set(transactionalId, known);
    const { producerId } = known;
    if (known.open === null) return { errorCode: KafkaError.none, producerId, producerEpoch: ++known.epoch };
    if (known.open.end === null) {
      known.epoch++;
      this.finish(known, known.open, "abort");
    }
    return { errorCode: KafkaError.concurrentTransactions, producerId: -1, producerEpoch: -1 };
  }

  /** The first place begins a transaction, which is aborted where it takes too long. */
  add(producer: Producer, places: ReadonlyMap<string, SimPartition>, timeoutMs: number): number {
    const known = this.byId.get(producer.transactionalId);
    if (known?.epoch !== producer.producerEpoch) return KafkaError.producerFenced;
    if (known.open !== null && known.open.end !== null) return KafkaError.concurrentTransactions;
    const open: Open = known.open ?? { places: new Map(), end: null };
    if (known.open === null) {
      known.open = open;
      this.env.time.schedule(timeoutMs, `${producer.transactionalId} takes too long`, () => {
        if (known.open !== open || open.end !== null) return;
        known.epoch++;
        this.finish(known, open, "abort");
      });
    }
    for (const [place, partition] of places) if (!open.places.has(place)) open.places.set(place, { partition, part: { end: null } });
    return KafkaError.none;
  }

  end(producer: Producer, end: End): number {
    const known = this.byId.get(producer.transactionalId);
    if (known?.epoch !== producer.producerEpoch) return KafkaError.producerFenced;
    const { open, last } = known;
    if (open === null) return last === end ? KafkaError.none : KafkaError.invalidTransactionState;
    if (open.end !== null) return open.end === end ? KafkaError.concurrentTransactions : KafkaError.invalidTransactionState;
    this.finish(known, open, end);
    return KafkaError.none;
  }

  /** What a batch that comes to a partition is part of; a number: why it is refused. */
  partOf(producer: Producer, place: string): OpenTransaction | number {
    const known = this.byId.get(producer.transactionalId);
    if (known?.epoch !== producer.producerEpoch) return KafkaError.invalidProducerEpoch;
    const open = known.open?.end === null ? known.open : null;
    return open?.places.get(place)?.part ?? KafkaError.invalidTransactionState;
  }

  private finish(known: Known, open: Open, end: End): void {
    const { time, random } = this.env;
    open.end = end;
    let left = open.places.size;
    for (const [place, { partition, part }] of open.places) {
      time.schedule(random.next() * MARKER_MS_MAX, `${place} ${end}`, () => {
        part.end = end;
        // The marker has an offset of its own.
        partition.leaveHole(1);
        if (--left > 0) return;
        known.open = null;
        known.last = end;
      });
    }
  }
}
