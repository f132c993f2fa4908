/**
 * The lines of a stream of UTF-8, without their `\n`, which is all that ends one; the last one needs none. Of a line
 * longer than so many characters only that many and one more are kept: it is too long for whoever reads it, and says so.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array | string>, lengthMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let line = "";
  for await (const chunk of input) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      yield cut(line + text.slice(start, end), lengthMax);
      line = "";
      start = end + 1;
    }
    line = cut(line + text.slice(start), lengthMax);
  }
  line += decoder.decode();
  if (line !== "") yield line;
}

const cut = (line: string, lengthMax: number): string => (line.length > lengthMax ? line.slice(0, lengthMax + 1) : line);
