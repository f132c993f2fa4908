import { FieldDecoder } from "../../src/adapters/codecs/field-decoder.ts";
import { inTurns, type MicroBench, type Way } from "./harness.ts";
import { encodedReadings, FIELD_PATHS, ROWS, slicesOf } from "./rows.ts";

const DEVICE = 0;

/** The whole document is checked in all of them. */
export const scan: MicroBench = {
  name: "scan",
  what: "three fields out of JSON documents of 191 bytes",
  measure(options) {
    const slices = slicesOf(encodedReadings());
    const { bytes, valueStarts, valueEnds } = slices;
    const parse = (): unknown => {
      let sum = 0;
      for (let row = 0; row < ROWS; row++) {
        const document = JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as { deviceId: string; ts: number };
        sum += document.deviceId.length + document.ts;
      }
      return sum;
    };
    const decode = (name: string, speculate: boolean, interned: readonly number[]): Way => {
      const decoder = new FieldDecoder({ valueFormat: "json", keyFormat: "none", fields: FIELD_PATHS, interned }, speculate);
      return { name, run: () => decoder.decode(slices) };
    };
    const ways = [
      { name: "JSON.parse", isNaive: true, run: parse },
      decode("projecting", false, []),
      decode("projecting, device interned", false, [DEVICE]),
      decode("generated for the shape", true, []),
      decode("generated for the shape, device interned", true, [DEVICE]),
    ];
    return inTurns(ROWS, ways, options);
  },
};
