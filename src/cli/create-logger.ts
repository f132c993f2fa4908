import { Option } from "commander";
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export function logLevelOption(): Option {
  return new Option("--log-level <level>", "what is logged to standard error: JSON, or for people on a terminal")
    .env("SLUICE_LOG")
    .choices([...LEVELS])
    .default("info");
}

/** Writes at once: what is said last, before a process ends, is what is looked for. */
export function createLogger(level: string): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters };
  const { isTTY } = process.stderr;
  return pino(options, isTTY ? pretty({ destination: 2, sync: true, singleLine: true }) : pino.destination({ dest: 2, sync: true }));
}
