import type { Cluster } from "./cluster.ts";
import type { BrokerConnection } from "./protocol/broker-connection.ts";

/** Sends what several callers want of one broker as one request. */
export interface MergedRequest<Item, Answer> {
  /** Names the connections of this kind of request. */
  readonly purpose: string;
  /** Connections to one broker: so many requests can be under way. */
  readonly connectionsMax: number;
  /** Items in one request; without it any number. */
  readonly itemsMax?: number;
  /** Two items with the same key cannot be in one request. */
  keyOf(item: Item): string;
  /** An answer for each item, in the same order. `isLastFree`: until there is one, whatever else comes waits. */
  send(connection: BrokerConnection, items: readonly Item[], isLastFree: boolean): Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Merges requests per broker. A broker answers one connection in order, so four long polls on it would wait for each other;
 * as one request they return when the first has something. What comes while that is under way takes the next connection.
 */
export class RequestMerger<Item, Answer> {
  private readonly cluster: Cluster;
  private readonly kind: MergedRequest<Item, Answer>;
  private readonly nodes = new Map<number, NodeQueue<Item, Answer>>();

  constructor(cluster: Cluster, kind: MergedRequest<Item, Answer>) {
    this.cluster = cluster;
    this.kind = kind;
  }

  /** Rejects with CONNECTION_FAILED when the request cannot be sent or is not answered. `urgent` items go first. */
  submit(node: number, item: Item, urgent = false): Promise<Answer> {
    let queue = this.nodes.get(node);
    if (queue === undefined) {
      queue = { waiting: [], idle: Array.from({ length: this.kind.connectionsMax }, (_, i) => i), scheduled: false };
      this.nodes.set(node, queue);
    }
    const known = queue;
    return new Promise((resolve, reject) => {
      const entry = { item, resolve, reject };
      if (urgent) known.waiting.unshift(entry);
      else known.waiting.push(entry);
      this.schedule(node, known);
    });
  }

  /** After the callers of this turn have all had their say. */
  private schedule(node: number, queue: NodeQueue<Item, Answer>): void {
    if (queue.scheduled || queue.waiting.length === 0 || queue.idle.length === 0) return;
    queue.scheduled = true;
    setImmediate(() => {
      queue.scheduled = false;
      const connection = queue.idle.shift();
      if (connection === undefined) return;
      const batch = this.takeDistinct(queue);
      void this.sendBatch(node, connection, batch, queue.idle.length === 0).finally(() => {
        queue.idle.unshift(connection);
        this.schedule(node, queue);
      });
      this.schedule(node, queue);
    });
  }

  private takeDistinct(queue: NodeQueue<Item, Answer>): readonly Waiting<Item, Answer>[] {
    const batch = new Map<string, Waiting<Item, Answer>>();
    const itemsMax = this.kind.itemsMax ?? Number.POSITIVE_INFINITY;
    queue.waiting = queue.waiting.filter((entry) => {
      const key = this.kind.keyOf(entry.item);
      if (batch.size >= itemsMax || batch.has(key)) return true;
      batch.set(key, entry);
      return false;
    });
    return [...batch.values()];
  }

  private async sendBatch(node: number, connection: number, batch: readonly Waiting<Item, Answer>[], isLastFree: boolean): Promise<void> {
    try {
      const broker = await this.cluster.connectionTo(node, `${this.kind.purpose} ${connection}`);
      const items = batch.map(({ item }) => item);
      const answers = await this.kind.send(broker, items, isLastFree);
      batch.forEach((entry, i) => {
        entry.resolve(answers[i] as Answer);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}

interface NodeQueue<Item, Answer> {
  waiting: Waiting<Item, Answer>[];
  readonly idle: number[];
  scheduled: boolean;
}
