import { connect, createServer } from "node:net";

export const HOST = "127.0.0.1";

/** Below the range from which systems take the local ports of outgoing connections, so that a restart finds its port free. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

export async function freePorts(): Promise<readonly [number, number]> {
  for (;;) {
    const port = PORT_MIN + 2 * Math.floor((Math.random() * (PORT_MAX - PORT_MIN)) / 2);
    if ((await isPortFree(port)) && (await isPortFree(port + 1))) return [port, port + 1];
  }
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Sends `request` and gives the first `length` bytes of the answer. */
export function exchange(port: number, request: Buffer, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host: HOST, port }, () => socket.write(request));
    socket.setTimeout(2000, () => socket.destroy(new Error(`port ${port} gave no answer`)));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`port ${port} closed the connection`)));
    socket.on("data", (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length < length) return;
      resolve(answer);
      socket.destroy();
    });
  });
}
