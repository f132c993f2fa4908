import { pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alterUserScramCredentialsV0, Connection } from "@platformatic/kafka";
import { makeKeyStore, STORE_PASSWORD } from "../launcher/key-store.ts";
import { ensure, release, wipe } from "../launcher/launcher.ts";
import { freePorts, HOST } from "../launcher/ports.ts";

const INSTANCE = "kafka-secured";
const ITERATIONS = 4096;

/** The mechanisms by their numbers in Kafka's protocol. */
const SCRAM = [
  { mechanism: 1, digest: "sha256", bytes: 32 },
  { mechanism: 2, digest: "sha512", bytes: 64 },
] as const;

export const USER = { username: "alice", password: "secret" } as const;

/** With PLAIN the broker ends a session after so long. */
export const SESSION_MS = 3000;

export interface SecuredBroker {
  readonly plain: string;
  readonly tls: string;
  readonly sasl: string;
  readonly saslTls: string;
  /** Signs the broker's certificate. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** A broker with a listener for each way of being reached. */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const store = join(folder, "store");
  const ca = await makeKeyStore(store);
  const [[tls, sasl], [saslTls]] = [await freePorts(), await freePorts()];
  const secured = { TLS: tls, SASL: sasl, SASLTLS: saslTls };
  const [plain, controller] = await freePorts();
  const listeners = [`PLAINTEXT://${HOST}:${plain}`, ...Object.entries(secured).map(([name, port]) => `${name}://${HOST}:${port}`)];
  const settings = {
    listeners: [...listeners, `CONTROLLER://${HOST}:${controller}`].join(","),
    "advertised.listeners": listeners.join(","),
    "controller.quorum.voters": `1@${HOST}:${controller}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_PLAINTEXT,SASLTLS:SASL_SSL",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.location": store,
    "ssl.keystore.password": STORE_PASSWORD,
    ...logins("sasl"),
    ...logins("sasltls"),
  };
  await wipe("kafka", INSTANCE);
  await ensure("kafka", { instance: INSTANCE, port: plain, settings });
  await addScramUser(plain);
  const stop = async (): Promise<void> => {
    await release("kafka", INSTANCE);
    await wipe("kafka", INSTANCE);
    rmSync(folder, { recursive: true });
  };
  return { plain: `${HOST}:${plain}`, tls: `${HOST}:${tls}`, sasl: `${HOST}:${sasl}`, saslTls: `${HOST}:${saslTls}`, ca, stop };
}

function logins(listener: string): Readonly<Record<string, string>> {
  const security = "org.apache.kafka.common.security";
  const of = (mechanism: string, setting: string): string => `listener.name.${listener}.${mechanism}.${setting}`;
  const scram = `${security}.scram.ScramLoginModule required;`;
  return {
    [of("plain", "sasl.jaas.config")]: `${security}.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
    [of("plain", "connections.max.reauth.ms")]: `${SESSION_MS}`,
    [of("scram-sha-256", "sasl.jaas.config")]: scram,
    [of("scram-sha-512", "sasl.jaas.config")]: scram,
  };
}

async function addScramUser(port: number): Promise<void> {
  const connection = new Connection("test-admin");
  await connection.connect(HOST, port);
  for (const { mechanism, digest, bytes } of SCRAM) {
    const salt = randomBytes(24);
    const saltedPassword = pbkdf2Sync(USER.password, salt, ITERATIONS, bytes, digest);
    const user = { name: USER.username, mechanism, iterations: ITERATIONS, salt, saltedPassword };
    await alterUserScramCredentialsV0.api.async(connection, [], [user]);
  }
  await connection.close();
}
