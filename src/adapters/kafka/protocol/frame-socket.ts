import { connect, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsOptions } from "node:tls";
import type { BrokerAddress } from "./broker-connection.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import type { ReceivePool } from "./receive-pool.ts";

const KEEP_ALIVE_MS = 60_000;

/** A connecting socket whose `data` events are a broker's answers, each one whole, with its length in front. */
export function openFrameSocket({ host, port }: BrokerAddress, tls: TlsOptions | null, pool: ReceivePool): Socket {
  const receiver = new FrameReceiver(pool, (frame) => socket.emit("data", frame));
  const onread: OnReadOpts = {
    buffer: () => receiver.target,
    callback(count) {
      try {
        receiver.received(count);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      return true;
    },
  };
  const socket =
    tls === null
      ? connect({ host, port, onread })
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, onread } as TlsOptions);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}
