import { join } from "node:path";
import { layOutPackage } from "../../tools/package/build.ts";
import { BIN_VARIABLE, PACKAGE } from "./package.ts";

export async function setup(): Promise<void> {
  await layOutPackage(PACKAGE);
  process.env[BIN_VARIABLE] = join(PACKAGE, "bin/sluice.js");
}
