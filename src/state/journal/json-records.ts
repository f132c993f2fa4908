import type { StateEntry } from "../../ports/state-log.ts";
import type { Note } from "./blob.ts";
import { generationKey, noteKey } from "./keys.ts";
import { seal } from "./seal.ts";

export function noteEntry(generation: number, sequence: number, note: Note): StateEntry {
  return { key: noteKey(generation, sequence), value: sealJson(note) };
}

export function generationEntry(generation: number, sequence: number, versionMax: number): StateEntry {
  return { key: generationKey(generation, sequence), value: sealJson({ versionMax }) };
}

export function readNote(body: Buffer): Note {
  return JSON.parse(body.toString()) as Note;
}

export function readVersionMax(body: Buffer): number {
  return (JSON.parse(body.toString()) as { versionMax: number }).versionMax;
}

function sealJson(content: unknown): Buffer {
  return seal(Buffer.from(JSON.stringify(content)));
}
