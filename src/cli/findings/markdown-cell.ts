/** Text in a cell of a Markdown table as it is, whatever it holds. */
export function markdownCell(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\|`*_[\]]/g, "\\$&")
    .replaceAll("\n", "<br>");
}
