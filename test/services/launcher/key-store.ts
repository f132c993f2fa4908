import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { javaTool } from "./java.ts";
import { HOST } from "./ports.ts";
import { run } from "./process.ts";

export const STORE_PASSWORD = "changeit";

/** A certificate that signs itself, for the host's address, in a PKCS12 store; gives it as PEM. */
export async function makeKeyStore(store: string): Promise<string> {
  const keytool = join(dirname(await javaTool("java", 17)), "keytool");
  const access = ["-keystore", store, "-storetype", "PKCS12", "-storepass", STORE_PASSWORD, "-alias", "broker"];
  const certificate = `${store}.pem`;
  await run(keytool, ["-genkeypair", ...access, "-keyalg", "RSA", "-dname", "CN=localhost", "-ext", `SAN=IP:${HOST},DNS:localhost`]);
  await run(keytool, ["-exportcert", "-rfc", ...access, "-file", certificate]);
  return readFileSync(certificate, "utf8");
}
