import { createTwoFilesPatch } from "diff";
import { format } from "../../grammar/format.ts";

/** Unified, from what runs to what the files say, of the formatted texts; empty where they are equal. */
export function textDiff(name: string, live: string, file: string): string {
  const [before, after] = [formatted(live), formatted(file)];
  if (before === after) return "";
  const patch = createTwoFilesPatch(`live/${name}`, `files/${name}`, before, after, "", "", { context: 3 });
  return patch.slice(patch.indexOf("---"));
}

function formatted(text: string): string {
  return text === "" ? "" : (format(text).text ?? text);
}
