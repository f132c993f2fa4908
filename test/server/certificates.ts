import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scratch } from "../support/scratch.ts";

/** A certificate authority of a test's own, made by `openssl`, and what it signs. */
export function certificateAuthority() {
  const folder = scratch();
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "rsa:2048", "-nodes", "-sha256"];
  openssl("req", "-x509", ...newKey, "-days", "1", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem");

  /** Files and contents of a key and its certificate, for loopback. */
  const issue = (commonName: string) => {
    const name = commonName.replaceAll(/\W/g, "-");
    const extensions = scratch({ extensions: "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n" });
    openssl("req", "-new", ...newKey, "-subj", `/CN=${commonName}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const signing = [
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "1",
      "-sha256",
      "-extfile",
      join(extensions, "extensions"),
    ];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signing, "-out", `${name}.pem`);
    const files = { cert: file(`${name}.pem`), key: file(`${name}.key`) };
    return { files, cert: readFileSync(files.cert), key: readFileSync(files.key) };
  };
  return { file: file("ca.pem"), ca: readFileSync(file("ca.pem")), issue };
}
