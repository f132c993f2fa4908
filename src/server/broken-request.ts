import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_TYPE, problem, problemBody } from "./problem.ts";

/** Answers what is no HTTP, or too slow or too large in its head: nothing of it has become a request. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const found =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? problem(408, "REQUEST_INVALID", "the request took too long to arrive")
      : error.code === "HPE_HEADER_OVERFLOW"
        ? problem(431, "LIMIT_EXCEEDED", "the headers are too large")
        : problem(400, "REQUEST_INVALID", "this is no HTTP request");
  const body = JSON.stringify(problemBody(found, ""));
  const head = [
    `HTTP/1.1 ${found.status} ${STATUS_CODES[found.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
