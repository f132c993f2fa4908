import { describe, expect, it } from "vitest";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";

/** The events of a stream up to the one that `isLast` accepts. */
async function eventsOf(
  url: string,
  headers: Record<string, string>,
  isLast: (text: string) => boolean,
  whenOpen: () => Promise<unknown> = async () => {},
): Promise<string> {
  const abort = new AbortController();
  const answer = await fetch(`${url}/v1/events`, { headers, signal: abort.signal });
  await whenOpen();
  let text = "";
  for await (const piece of answer.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(piece).toString();
    if (isLast(text)) break;
  }
  abort.abort();
  return text;
}

describe("events by REST", () => {
  it("come as they happen, and those that were missed come first", async () => {
    const { request, url, fleet } = await runningServer();
    const before = fleet.events.last;
    const isLast = (text: string): boolean => text.includes('"state":"waiting"');
    const live = await eventsOf(url, {}, isLast, () => request("PUT", "/v1/pipelines/hot", HOT));
    expect(live).toContain('event: deployed\ndata: {"at":');
    const again = await eventsOf(url, { "last-event-id": String(before) }, isLast);
    expect(again).toContain(`id: ${before + 1}\nevent: deployed`);
    expect(again).not.toContain("event: gap");
  });

  it("tell how many are not kept any more", async () => {
    const { url, fleet } = await runningServer();
    const before = fleet.events.last;
    for (let n = 0; n < 1500; n++) fleet.events.add({ kind: "notice", pipeline: "p", statement: "s", message: String(n) });
    const text = await eventsOf(url, { "last-event-id": String(before) }, (seen) => seen.includes('"message":"1499"'));
    expect(text).toContain('event: gap\ndata: {"missed":500}');
    expect(text.match(/event: notice/g)).toHaveLength(1000);
  });

  it("are those of one pipeline, and only what is kept, where that is asked for", async () => {
    const { url, fleet } = await runningServer();
    for (const pipeline of ["a", "b", "a"]) fleet.events.add({ kind: "notice", pipeline, statement: "s", message: `of ${pipeline}` });
    const text = await (await fetch(`${url}/v1/events?from=earliest&follow=false&pipeline=a`)).text();
    expect(text.match(/of a/g)).toHaveLength(2);
    expect(text).not.toContain("of b");
    expect((await fetch(`${url}/v1/events?from=somewhere`)).status).toBe(400);
  });

  it("end when the server drains", async () => {
    const { url, drain } = await runningServer();
    const answer = await fetch(`${url}/v1/events`);
    drain.abort();
    expect(await answer.text()).toContain("retry: 2000");
  });
});
