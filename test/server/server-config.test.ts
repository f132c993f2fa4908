import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/project/config.ts";
import { readServerConfig } from "../../src/server/server-config.ts";

const SECRET = "not-to-be-shown";
const HASH = "0".repeat(64);
const read = (text: string, variables: Record<string, string> = {}) => readServerConfig(parseConfig(text, "sluice.yaml"), variables);

/** What is refused, with the line that is named and what is said of it. */
const FAULTS: readonly (readonly [text: string, line: number, said: string])[] = [
  ["server:\n  auht: {}", 2, "server.auht is unknown"],
  ["server:\n  hosts: a.example", 2, "server.hosts"],
  ["server:\n  limits:\n    requests.per.minute: 0", 3, "server.limits.requests.per.minute"],
  ["server:\n  limits:\n    requests.per.minute: many", 3, "server.limits.requests.per.minute"],
  ["server:\n  limits:\n    body.bytes: 1000000000000", 3, "server.limits.body.bytes"],
  ["server:\n  limits:\n    requests: 7", 3, "server.limits.requests"],
  ["server:\n  tls:\n    cert: a.pem", 2, "server.tls needs key"],
  [`server:\n  auth:\n    tokens:\n      - { name: ci, role: admin, sha256: ${SECRET} }`, 4, "server.auth.tokens.0.sha256"],
  [`server:\n  auth:\n    tokens:\n      - { name: ci, role: root, sha256: ${HASH} }`, 4, "server.auth.tokens.0.role"],
  [`server:\n  auth:\n    tokens:\n      - { name: ci, role: admin, token: ${SECRET} }`, 4, "server.auth.tokens.0 needs sha256"],
  [`server:\n  auth:\n    users:\n      - { name: ada, role: viewer, scrypt: ${SECRET} }`, 4, "server.auth.users.0.scrypt"],
  ["server:\n  auth:\n    jwt: { issuer: 'https://id.example', audience: sluice, roles: { a: boss } }", 3, "server.auth.jwt.roles.a"],
  [
    "server:\n  auth:\n    jwt: { issuer: 'https://id.example', audience: sluice, jwks: 'ftp://id.example', roles: {} }",
    3,
    "server.auth.jwt.jwks",
  ],
  ["server:\n  auth:\n    certificates:\n      - { name: ada, role: viewer }", 3, "server.auth.certificates"],
  [`server:\n  auth:\n    tokens:\n      - { name: ci, role: admin, sha256: "\${NO_SUCH_VARIABLE}" }`, 1, "NO_SUCH_VARIABLE"],
];

describe("the section `server`", () => {
  it.each(FAULTS.map(([text, line, said]) => ({ text, line, said })))("says of line $line: $said", ({ text, line, said }) => {
    let message = "";
    try {
      read(text);
    } catch (error) {
      expect(error).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("docs/operations/security.md") });
      message = (error as Error).message;
    }
    expect(message).toMatch(new RegExp(`^sluice\\.yaml:${line}: `));
    expect(message).toContain(said);
    expect(message).not.toContain(SECRET);
  });

  it("may be missing, empty or short", () => {
    expect(read("")).toEqual({});
    expect(read("server:")).toEqual({});
    expect(read("server:\n  auth: {}")).toEqual({ auth: {} });
    expect(read(`server:\n  auth:\n    tokens:\n      - { name: ci, role: admin, sha256: "\${HASH}" }`, { HASH })).toEqual({
      auth: { tokens: [{ name: "ci", role: "admin", sha256: HASH }] },
    });
  });
});
