import { StringDictionary } from "../../src/adapters/codecs/string-dictionary.ts";
import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, slicesOf } from "./rows.ts";

export const intern: MicroBench = {
  name: "intern",
  what: "a number for each of 10,000 device ids",
  measure(options) {
    const { bytes, keyStarts, keyEnds } = slicesOf(encodedReadings());
    const known = new Map<string, number>();
    const byText = (): unknown => {
      let sum = 0;
      for (let row = 0; row < ROWS; row++) {
        const text = bytes.toString("utf8", keyStarts[row], keyEnds[row]);
        let id = known.get(text);
        if (id === undefined) {
          id = known.size;
          known.set(text, id);
        }
        sum += id;
      }
      return sum;
    };
    const dictionary = new StringDictionary();
    const byBytes = (): unknown => {
      dictionary.beginBatch(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), ROWS);
      let sum = 0;
      for (let row = 0; row < ROWS; row++) {
        sum += dictionary.idOf(keyStarts[row] as number, keyEnds[row] as number);
      }
      return sum;
    };
    return inTurns(
      ROWS,
      [
        { name: "Map by string", isNaive: true, run: byText },
        { name: "dictionary of bytes", run: byBytes },
      ],
      options,
    );
  },
};
