import { fileURLToPath } from "node:url";
import { buildInto } from "./build.ts";

await buildInto(fileURLToPath(new URL("../../dist", import.meta.url)));
