import type { ChangeBatch } from "../../model/change.ts";

/**
 * Leaves of each id at each target the last change alone, delete or upsert: a store keeps nothing of those before it. Not for
 * topics, whose readers want all, nor for upserts of some columns, which add up. Writes to the batch's own columns.
 */
export function latestPerId(batch: ChangeBatch): ChangeBatch {
  const last = lastRows(batch);
  if (last.length === batch.count) return batch;
  const { operations, versions, timestampsMs, causeOffsets, causeOrdinals } = batch;
  const { documentStarts, documentEnds, idStarts, idEnds, keyStarts, keyEnds } = batch;
  const columns = [operations, versions, timestampsMs, causeOffsets, causeOrdinals];
  for (const column of [...columns, documentStarts, documentEnds, idStarts, idEnds, keyStarts, keyEnds]) {
    for (let at = 0; at < last.length; at++) column[at] = column[last[at] as number] as number;
  }
  const { targets } = batch;
  return { ...batch, count: last.length, targets: targets === null ? null : Array.from(last, (row) => targets[row] as string) };
}

/** The last row of each id, in their order: found from behind, by a table of rows that is probed by the hash of the id. */
function lastRows(batch: ChangeBatch): Int32Array {
  const { count, bytes, idStarts, idEnds } = batch;
  const places = 2 ** Math.ceil(Math.log2(count * 2 + 1));
  const table = new Int32Array(places).fill(-1);
  const last = new Int32Array(count);
  let at = count;
  for (let row = count - 1; row >= 0; row--) {
    let place = hashOf(bytes, idStarts[row] as number, idEnds[row] as number) & (places - 1);
    let known = table[place] as number;
    while (known >= 0 && !isSameId(batch, known, row)) {
      place = (place + 1) & (places - 1);
      known = table[place] as number;
    }
    if (known >= 0) continue;
    table[place] = row;
    last[--at] = row;
  }
  return last.subarray(at);
}

function isSameId({ bytes, idStarts, idEnds, targets }: ChangeBatch, left: number, right: number): boolean {
  let leftAt = idStarts[left] as number;
  let rightAt = idStarts[right] as number;
  const leftEnd = idEnds[left] as number;
  if (leftEnd - leftAt !== (idEnds[right] as number) - rightAt) return false;
  while (leftAt < leftEnd) if (bytes[leftAt++] !== bytes[rightAt++]) return false;
  return targets === null || targets[left] === targets[right];
}

/** FNV-1a, its high bits mixed into the low ones. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
