import { describe, expect, it } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { certificateAuthority } from "../server/certificates.ts";
import { runningServer } from "../server/running-server.ts";
import { sluice } from "../support/sluice-process.ts";

describe("commands that speak with a server", () => {
  it("trust it by --ca, and log in by token or certificate", async () => {
    const authority = certificateAuthority();
    const { cert, key } = authority.issue("localhost");
    const auth = {
      certificates: [{ name: "ada", role: "viewer" as const }],
      tokens: [{ name: "ci", role: "viewer" as const, sha256: tokenHash("secret") }],
    };
    const { url } = await runningServer({ auth }, { cert, key, clientCa: authority.ca });
    const list = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      sluice(["list", "--server", url, ...args], { env: { SLUICE_TOKEN: "", ...env } });
    const { files } = authority.issue("ada");
    expect(await list(["--ca", authority.file], { SLUICE_TOKEN: "secret" })).toMatchObject({ code: 0, stdout: "(0 rows)\n" });
    expect(await list(["--ca", authority.file, "--cert", files.cert, "--key", files.key])).toMatchObject({ code: 0 });
    expect(await list(["--ca", authority.file])).toMatchObject({ code: 3, stderr: expect.stringContaining("NOT_AUTHENTICATED") });
    expect(await list([])).toMatchObject({ code: 3, stderr: expect.stringContaining("--ca names the file of who signed it") });
    expect(await list(["--cert", files.cert])).toMatchObject({ code: 2, stderr: expect.stringContaining("--cert and --key go together") });
    expect(await list(["--ca", "nothing.pem"])).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot read nothing.pem") });
  });
});
