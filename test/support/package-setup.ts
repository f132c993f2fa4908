import { layOutPackage } from "../../tools/package/build.ts";
import { PACKAGE } from "./package.ts";

export async function setup(): Promise<void> {
  await layOutPackage(PACKAGE);
}
