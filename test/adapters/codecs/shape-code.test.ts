import { describe, expect, it } from "vitest";
import { GrowingColumn } from "../../../src/adapters/codecs/growing-column.ts";
import { shapeOf } from "../../../src/adapters/codecs/json/document-shape.ts";
import { FieldNode } from "../../../src/adapters/codecs/json/field-trie.ts";
import { JsonScanner } from "../../../src/adapters/codecs/json/json-scanner.ts";
import { literalTest } from "../../../src/adapters/codecs/json/literal-test.ts";
import { shapeSource } from "../../../src/adapters/codecs/json/shape-code.ts";
import { stringEnd } from "../../../src/adapters/codecs/json/string-end.ts";

function sourceOf(document: string, needed: readonly string[]): string | null {
  const root = new FieldNode("");
  for (const name of needed) root.at([name]).column = new GrowingColumn({ root: "value", path: [name] }, true);
  const bytes = Buffer.from(document);
  const scanner = new JsonScanner();
  expect(scanner.scan(bytes, 0, bytes.length, 0, root)).toBe(true);
  const shape = shapeOf(scanner, bytes, 0, bytes.length, root, false);
  return shape === null ? null : shapeSource(shape, []);
}

describe("code of a shape", () => {
  it("has nothing of the document in it but numbers", () => {
    const name = "`);process.exit(1);//";
    const document = JSON.stringify({ [name]: name, other: { [name]: [name, true, null, -1.5] }, é: name });
    const source = sourceOf(document, [name, "other"]) as string;
    expect(source).not.toBeNull();
    expect(source).not.toMatch(/process|exit|`|other|é/);
    // Identifiers, numbers, operators and the one directive; no string, no template, no comment.
    expect(source.replace('"use strict";', "")).not.toMatch(/["'`\\]|\/\/|\/\*/);
  });

  it("is made for objects whose names are distinct and written without escapes", () => {
    expect(sourceOf('{"a":1,"b":{"a":2}}', ["a"])).not.toBeNull();
    for (const document of ['{"a":1,"a":2}', '{"b":{"a":1,"a":2}}', '{"\\u0061":1}', "[1]", '"a"', "1"]) {
      expect([document, sourceOf(document, ["a"])]).toEqual([document, null]);
    }
  });

  it("tells literals from others that differ in any one bit", () => {
    const matches = (literal: Buffer): ((bytes: Buffer, view: DataView, p: number) => boolean) =>
      new Function("bytes", "view", "p", `return !(${literalTest(literal)});`) as ReturnType<typeof matches>;
    const text = Buffer.from('{"naïve \u{10ffff} names":\u007f\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0080"}');
    const hostile = Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (const source of [text, hostile]) {
      for (let length = 1; length <= source.length; length++) {
        const literal = source.subarray(0, length);
        const isIt = matches(literal);
        const placed = Buffer.concat([Buffer.from("xyz"), literal]);
        const view = new DataView(placed.buffer, placed.byteOffset, placed.length);
        expect(isIt(placed, view, 3)).toBe(true);
        for (let bit = 0; bit < length * 8; bit++) {
          const at = 3 + (bit >> 3);
          placed[at] = (placed[at] as number) ^ (1 << (bit & 7));
          if (isIt(placed, view, 3)) expect.fail(`${literal.toString("hex")} differs in bit ${bit}`);
          placed[at] = (placed[at] as number) ^ (1 << (bit & 7));
        }
      }
    }
  });

  it("finds the end of strings in UTF-8, and none in anything else", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const isText = (bytes: Buffer): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const edges = [0x00, 0x1f, 0x20, 0x21, 0x22, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf];
    const leads = [0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
    const all = [...edges, ...leads];
    let texts = 0;
    for (const a of all) {
      for (const b of all) {
        for (const c of edges) {
          for (const d of edges) {
            const bytes = Buffer.of(a, b, c, d, 0x22);
            const first = bytes.indexOf(0x22);
            const content = bytes.subarray(0, first);
            const isString = !content.some((byte) => byte < 0x20 || byte === 0x5c) && isText(content);
            if (isString) texts++;
            if (stringEnd(bytes, 0, 5) !== (isString ? first : -1)) expect.fail(bytes.toString("hex"));
            if (first === 4 && stringEnd(bytes, 0, 4) !== -1) expect.fail(`${bytes.toString("hex")} has no end`);
          }
        }
      }
    }
    expect(texts).toBeGreaterThan(1000);
  });
});
