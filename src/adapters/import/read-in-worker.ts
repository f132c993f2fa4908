import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { LIMITS } from "../../limits.ts";
import type { SqlAnswer, SqlWork } from "./sql-worker.ts";

/** In a checkout this file and the worker's are TypeScript, in the built package JavaScript. */
const ENTRY = new URL(`./sql-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

const TOO_LONG: SqlAnswer = {
  kind: "error",
  message: `its reader needs more than ${LIMITS.foreignMsMax / 1000} s: the statement is nested too deeply`,
  offset: null,
};

/** What the foreign reader makes of each text; an error for one that it does not come to an end with, and on with the next. */
export async function readInWorker({ dialect, texts }: SqlWork, msMax: number = LIMITS.foreignMsMax): Promise<readonly SqlAnswer[]> {
  const answers: SqlAnswer[] = [];
  while (answers.length < texts.length) {
    answers.push(...(await readSome({ dialect, texts: texts.slice(answers.length) }, msMax)));
    if (answers.length < texts.length) answers.push(TOO_LONG);
  }
  return answers;
}

/** The answers until one does not come. */
function readSome(work: SqlWork, msMax: number): Promise<readonly SqlAnswer[]> {
  return new Promise((resolve, reject) => {
    const answers: SqlAnswer[] = [];
    const worker = new Worker(ENTRY, { workerData: work, name: "import", resourceLimits: { maxOldGenerationSizeMb: 512 } });
    const giveUp = (): void => void worker.terminate();
    let timer = setTimeout(giveUp, msMax);
    worker.on("message", (answer: SqlAnswer) => {
      answers.push(answer);
      clearTimeout(timer);
      timer = setTimeout(giveUp, msMax);
    });
    worker.on("error", (error: NodeJS.ErrnoException) => (error.code === "ERR_WORKER_OUT_OF_MEMORY" ? undefined : reject(error)));
    worker.on("exit", () => {
      clearTimeout(timer);
      resolve(answers);
    });
  });
}
