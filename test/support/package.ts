import { join } from "node:path";
import { ROOT } from "./source-files.ts";

/** What `npm pack` would ship, built from the sources before the tests. Its dependencies are those of the checkout around it. */
export const PACKAGE = join(ROOT, ".sluice/package");

/** The command line that tests start: the package's, as users have it. */
export const BIN = join(PACKAGE, "bin/sluice.js");
