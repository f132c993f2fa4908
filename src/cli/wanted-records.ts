import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { SluiceError } from "../errors.ts";
import type { WantedRecord } from "../fleet/redrive.ts";

const MEMBERS: ReadonlySet<string> = new Set(["topic", "partition", "offset", "key", "value"]);

/**
 * Places of records, one JSON object a line, with their mended key or value. Throws a USAGE error with the line: of a letter as it is shown
 * nobody could say whether its value was mended or is masked.
 */
export async function readWantedRecords(file: string): Promise<readonly WantedRecord[]> {
  const lines = (await textOf(file)).split("\n");
  return lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [wantedRecord(line, `${file === "-" ? "standard input" : file}:${index + 1}`)],
  );
}

async function textOf(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SluiceError("FILE_UNREADABLE", `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wantedRecord(line: string, place: string): WantedRecord {
  const refuse = (why: string): never => {
    const hint = 'a line is like {"topic": "readings", "partition": 0, "offset": 7, "value": "{…}"}; key and value can be left out';
    throw new SluiceError("USAGE", `${place}: ${why}`, { hint });
  };
  let record: Partial<WantedRecord> | null;
  try {
    record = JSON.parse(line) as Partial<WantedRecord> | null;
  } catch {
    return refuse("no JSON");
  }
  if (typeof record !== "object" || record === null) return refuse("no JSON object");
  const unknown = Object.keys(record).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`there is no '${unknown}' of a record`);
  const { topic, partition, offset } = record;
  if (typeof topic !== "string" || !Number.isInteger(partition) || !Number.isInteger(offset))
    return refuse("topic, partition or offset is missing");
  return record as WantedRecord;
}
