import { afterEach, describe, expect, it } from "vitest";
import { connect, type Exchange, ReplayServer, type Reply, rootReply } from "./support.ts";

const mediaType = (generation: number): string => `application/vnd.elasticsearch+json; compatible-with=${generation}`;

/**
 * A server of generation 8: its refusal is recorded from Elasticsearch 8.19.21, word for word but for the header quoted in it.
 * A server of generation 9 takes 9 and 8 (Elastic's rule: the generation before is understood too); no recording of a refusal
 * by it is needed, because it is never asked for anything else.
 */
function serverOf(generation: 8 | 9): (exchange: Exchange) => Reply {
  return ({ headers }) => {
    const asked = Number(/compatible-with=(\d+)/.exec(headers.accept ?? "")?.[1]);
    if (asked === generation || asked === generation - 1) {
      const root = rootReply(generation === 8 ? "8.19.21" : "9.1.4");
      return { ...root, headers: { "content-type": `application/vnd.elasticsearch+json;compatible-with=${asked}` } };
    }
    const reason = "Invalid media-type value on headers [Accept, Content-Type]";
    const error = {
      root_cause: [{ type: "media_type_header_exception", reason }],
      type: "media_type_header_exception",
      reason,
      caused_by: {
        type: "status_exception",
        reason: `Accept version must be either version 8 or 7, but found ${asked}. Accept=${headers.accept}`,
      },
    };
    return { status: 400, body: { error, status: 400 } };
  };
}

describe("one client for servers of two generations", () => {
  let server: ReplayServer;
  afterEach(() => server.stop());

  async function askTwice(generation: 8 | 9, settings: Readonly<Record<string, unknown>> = {}) {
    server = await ReplayServer.start(serverOf(generation));
    const { connection } = connect({ node: server.node, ...settings });
    const [first, second] = [await connection.diagnose(), await connection.diagnose()];
    await connection.close();
    const asked = server.exchanges.filter((exchange) => exchange.path === "/").map((exchange) => exchange.headers.accept);
    return { first: first[0], second: second[0], asked };
  }

  it("asks a server of generation 8 for 9 once, and for 8 from there on", async () => {
    const { first, second, asked } = await askTwice(8);
    expect(first).toMatchObject({ ok: true, detail: `${server.node}, version 8.19.21` });
    expect(second).toMatchObject({ ok: true });
    expect(asked).toEqual([mediaType(9), mediaType(8), mediaType(8)]);
  });

  it("stays with 9 where the server takes it", async () => {
    const { first, asked } = await askTwice(9);
    expect(first).toMatchObject({ ok: true, detail: `${server.node}, version 9.1.4` });
    expect(asked).toEqual([mediaType(9), mediaType(9)]);
  });

  it("asks for the generation that the configuration names, and nothing else", async () => {
    expect((await askTwice(8, { compatibility: 8 })).asked).toEqual([mediaType(8), mediaType(8)]);
    await server.stop();
    const { first, asked } = await askTwice(8, { compatibility: 9 });
    expect(asked).toEqual([mediaType(9), mediaType(9)]);
    expect(first).toMatchObject({ ok: false, detail: expect.stringContaining("media_type_header_exception") });
  });

  it("refuses a server that is too old", async () => {
    server = await ReplayServer.start(() => rootReply("7.17.28"));
    const { connection } = connect({ node: server.node });
    const [finding] = await connection.diagnose();
    expect(finding).toMatchObject({ ok: false, advice: "Versions 8 and 9 are supported." });
    expect(finding?.detail).toContain("has the version 7.17.28");
    await connection.close();
  });

  it("refuses a server that does not say it is Elasticsearch", async () => {
    server = await ReplayServer.start(() => ({ ...rootReply("2.19.0"), headers: { "x-elastic-product": "" } }));
    const { connection } = connect({ node: server.node });
    const [finding] = await connection.diagnose();
    expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining("is not Elasticsearch") });
    await connection.close();
  });
});
