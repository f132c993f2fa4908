import type { GroupKeys } from "./group-keys.ts";
import type { GroupObjects } from "./group-objects.ts";
import type { PayloadReader, PayloadWriter } from "./payload.ts";
import type { WindowSlot } from "./window-slot.ts";

/** Lengths of the key texts, the texts, then the records, each part for all groups: ids mean nothing to a reader. */
export function writeGroups(writer: PayloadWriter, slot: WindowSlot, groups: Int32Array, keys: GroupKeys, stride: number): void {
  const keyIds = groups.map((group) => slot.keys[group] as number);
  let textBytes = 0;
  writer.uint32(groups.length);
  for (const length of keys.lengthsOf(keyIds)) {
    writer.uint32(length);
    textBytes += length;
  }
  writer.bytes(textBytes, (target, at) => keys.copyTexts(keyIds, target, at));
  for (const group of groups) writer.float64s(slot.cells, group * stride, stride);
  if (slot.objects !== null) writeObjects(writer, slot.objects, groups);
}

function writeObjects(writer: PayloadWriter, objects: GroupObjects, groups: Int32Array): void {
  for (const group of groups) {
    for (const saved of objects.save(group)) {
      writer.uint32(saved.length);
      writer.bytes(saved.length, (target, at) => target.set(saved, at));
    }
  }
}

/** Groups that the slot has already are replaced. Gives those that were read. */
export function readGroups(reader: PayloadReader, slot: WindowSlot, keys: GroupKeys, stride: number): readonly number[] {
  const lengths = Uint32Array.from({ length: reader.uint32() }, () => reader.uint32());
  const groups = Array.from(lengths, (length) => {
    const text = reader.bytes(length);
    return slot.groupOf(keys.intern(text, 0, text.length));
  });
  for (const group of groups) reader.float64s(slot.cells, group * stride, stride);
  const { objects } = slot;
  if (objects === null) return groups;
  for (const group of groups)
    objects.load(
      group,
      Array.from({ length: objects.count }, () => reader.bytes(reader.uint32())),
    );
  return groups;
}
