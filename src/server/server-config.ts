import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type Config, folderOf } from "../project/config.ts";
import { CATALOG_TOPIC, type SharedCatalog } from "../project/open-catalog-logs.ts";
import { substitute, type Variables } from "../project/substitute.ts";
import { PASSWORD_HASH } from "./auth/secret-hash.ts";

/** Room for a statement of full length in JSON, where line ends and quotes are escaped. */
export const BODY_BYTES_MAX = 2 * LIMITS.statementBytesMax;

const closed = { additionalProperties: false };

const Role = Type.Union([Type.Literal("viewer"), Type.Literal("operator"), Type.Literal("admin")]);
const Name = Type.String({ minLength: 1, maxLength: 200 });

const Auth = Type.Object(
  {
    /** Bearer tokens, by their SHA-256. */
    tokens: Type.Optional(Type.Array(Type.Object({ name: Name, role: Role, sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }) }, closed))),
    /** Names and passwords, by their scrypt hash. */
    users: Type.Optional(
      Type.Array(Type.Object({ name: Name, role: Role, scrypt: Type.String({ pattern: PASSWORD_HASH.source }) }, closed)),
    ),
    /** Tokens that an identity provider signs. */
    jwt: Type.Optional(
      Type.Object(
        {
          issuer: Type.String({ minLength: 1 }),
          audience: Type.String({ minLength: 1 }),
          /** Its keys; else those that the issuer's OpenID configuration names. */
          jwks: Type.Optional(Type.String({ pattern: "^https?://" })),
          /** The claim, or the path to one, that holds the roles: a text or a list of them. */
          "role.claim": Type.Optional(Name),
          /** What the provider's roles may here. */
          roles: Type.Record(Name, Role),
        },
        closed,
      ),
    ),
    /** Client certificates, by the common name of their subject; need `tls` with `client.ca`. */
    certificates: Type.Optional(Type.Array(Type.Object({ name: Name, role: Role }, closed))),
  },
  closed,
);

const Tls = Type.Object(
  {
    /** Files in PEM, relative to the configuration. */
    cert: Type.String({ minLength: 1 }),
    key: Type.String({ minLength: 1 }),
    "client.ca": Type.Optional(Type.String({ minLength: 1 })),
  },
  closed,
);

const Count = Type.Integer({ minimum: 1 });

const Limits = Type.Object(
  {
    /** Requests of one identity, or of one address where nobody is asked who he is. */
    "requests.per.minute": Type.Optional(Count),
    /** Failed log-ins from one address. */
    "failures.per.minute": Type.Optional(Count),
    /** Of one request's body. */
    "body.bytes": Type.Optional(Type.Integer({ minimum: 1024, maximum: BODY_BYTES_MAX })),
  },
  closed,
);

const Threads = Type.Object(
  {
    /** What one thread may hold in JavaScript objects. */
    "heap.mb": Type.Optional(Type.Integer({ minimum: 32, maximum: 65_536 })),
    "buffers.mb": Type.Optional(Type.Integer({ minimum: 64, maximum: 1_048_576 })),
    /** A thread that tells nothing for so long hangs, and is ended. */
    "silent.ms": Type.Optional(Type.Integer({ minimum: 2_000, maximum: 3_600_000 })),
  },
  closed,
);

const Server = Type.Object(
  {
    tls: Type.Optional(Tls),
    auth: Type.Optional(Auth),
    limits: Type.Optional(Limits),
    threads: Type.Optional(Threads),
    /** The connection that keeps the pipelines, for several servers; else each keeps its own in its data directory. */
    catalog: Type.Optional(Name),
    /** With `.status` behind it, the topic of what servers tell each other. */
    "catalog.topic": Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]{1,242}$" })),
    /**
     * What the server is called by clients, without ports; else any name where everybody has to log in, and this machine's
     * own where nobody has.
     */
    hosts: Type.Optional(Type.Array(Name)),
    /** Addresses and networks of proxies that are believed about whom they speak for. */
    proxies: Type.Optional(Type.Array(Name)),
  },
  closed,
);

/** `server` of `sluice.yaml`. */
export type ServerConfig = Static<typeof Server>;
export type AuthConfig = Static<typeof Auth>;

/** Throws CONFIG_INVALID with file, line and key. */
export function readServerConfig(config: Config, variables: Variables): ServerConfig {
  const filled = substitute(config.server, variables, folderOf(config));
  if (!filled.ok) throw invalid(config, [], filled.problem.message);
  if (!Value.Check(Server, filled.value)) {
    const { path, problem } = firstFault(filled.value);
    throw invalid(config, path, problem);
  }
  const { auth, tls } = filled.value;
  if (auth?.certificates !== undefined && tls?.["client.ca"] === undefined) {
    throw invalid(config, ["auth", "certificates"], "needs server.tls.client.ca: who signs them");
  }
  if (filled.value["catalog.topic"] !== undefined && filled.value.catalog === undefined) {
    throw invalid(config, ["catalog.topic"], "needs server.catalog: the connection that the topic is of");
  }
  return filled.value;
}

/** null: the server keeps its own catalog. */
export function sharedCatalog({ catalog, "catalog.topic": topic = CATALOG_TOPIC }: ServerConfig): SharedCatalog | null {
  return catalog === undefined ? null : { connection: catalog, topic };
}

/** What stands there may be a secret: this says what is wanted, not what was found. */
function firstFault(value: unknown): { readonly path: readonly string[]; readonly problem: string } {
  const [error] = Value.Errors(Server, value);
  const path = (error?.instancePath ?? "").split("/").slice(1);
  switch (error?.keyword) {
    case "additionalProperties":
      return { path: [...path, ...error.params.additionalProperties.slice(0, 1)], problem: "is unknown" };
    // A key beside those that there are, too.
    case "boolean":
      return { path, problem: "is unknown" };
    case "required":
      return { path, problem: `needs ${error.params.requiredProperties.join(" and ")}` };
    default:
      return { path, problem: error?.message ?? "is not as it should be" };
  }
}

function invalid({ file, lineOf }: Config, path: readonly string[], problem: string): SluiceError {
  const full = ["server", ...path];
  return new SluiceError("CONFIG_INVALID", `${file}:${lineOf(full)}: ${full.join(".")} ${problem}`, {
    hint: "docs/operations/security.md has all keys",
  });
}
