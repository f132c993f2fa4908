/**
 * The rows that go to each of so many places (partitions, lanes), in their order: sorted by counting. `placeOf` says where a
 * row goes; -1: nowhere.
 */
export function rowsByPlace(placeOf: Int32Array, places: number): readonly Int32Array[] {
  const ends = new Int32Array(places);
  for (const place of placeOf) if (place >= 0) ends[place] = (ends[place] as number) + 1;
  let total = 0;
  for (let place = 0; place < places; place++) {
    const count = ends[place] as number;
    ends[place] = total;
    total += count;
  }
  const starts = ends.slice();
  const sorted = new Int32Array(total);
  for (let row = 0; row < placeOf.length; row++) {
    const place = placeOf[row] as number;
    if (place < 0) continue;
    const at = ends[place] as number;
    sorted[at] = row;
    ends[place] = at + 1;
  }
  return Array.from(starts, (start, place) => sorted.subarray(start, ends[place]));
}
