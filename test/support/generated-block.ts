/** A document with the text between `<!-- generated: NAME -->` and `<!-- end: NAME -->` replaced. */
export function replaceBlock(document: string, name: string, content: string): string {
  const start = `<!-- generated: ${name} -->\n`;
  const end = `<!-- end: ${name} -->\n`;
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no block ${start.trim()} … ${end.trim()}`);
  return `${document.slice(0, from)}${start}\n${content}\n\n${document.slice(to)}`;
}
