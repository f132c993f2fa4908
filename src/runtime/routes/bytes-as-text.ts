const BASE64 = "base64:";

/** Raw bytes as text where they are UTF-8, else `base64:…`, so that nothing is lost. */
export function textOrBase64(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(bytes) && !text.startsWith(BASE64);
  return isText ? text : `${BASE64}${bytes.toString("base64")}`;
}

/** The bytes that `textOrBase64` was given. */
export function bytesOfText(text: string | null): Buffer | null {
  if (text === null) return null;
  return text.startsWith(BASE64) ? Buffer.from(text.slice(BASE64.length), "base64") : Buffer.from(text);
}
