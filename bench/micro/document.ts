import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, readingTexts, slicesOf } from "./rows.ts";
import { statementLoop } from "./statement-loop.ts";

export const document: MicroBench = {
  name: "document",
  what: "three columns of a row as a JSON document with id and key; decoded already",
  measure(options) {
    const objects = readingTexts().map((text) => JSON.parse(text) as { deviceId: string; ts: number; temperature: number });
    const byObjects = (): unknown =>
      objects.map(({ deviceId, ts, temperature }, row) => ({
        id: `readings-0-${row}`,
        key: Buffer.from(deviceId),
        document: Buffer.from(JSON.stringify({ deviceId, ts: new Date(ts).toISOString(), temperature })),
      }));
    const loop = statementLoop("INSERT INTO target SELECT deviceId, ts, temperature FROM readings;", slicesOf(encodedReadings()));
    const byColumns = (): unknown => {
      loop.run();
      return loop.task.out.build();
    };
    return inTurns(
      ROWS,
      [
        { name: "JSON.stringify, Buffer.from", isNaive: true, run: byObjects },
        { name: "generated loop, bytes copied", run: byColumns },
      ],
      options,
    );
  },
};
