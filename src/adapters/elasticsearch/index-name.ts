/** Elasticsearch's own limit, in bytes of UTF-8. */
const NAME_BYTES_MAX = 255;

const ILLEGAL = /[\\/*?"<>|\s,#:]/;

/** Why Elasticsearch would not take this name for an index, or null where it would. */
export function indexNameProblem(name: string): string | null {
  if (name === "") return "an index name must not be empty";
  if (name !== name.toLowerCase()) return `index name "${name}" has capital letters: write "${name.toLowerCase()}"`;
  const illegal = ILLEGAL.exec(name);
  if (illegal !== null) return `index name "${name}" has the character ${JSON.stringify(illegal[0])}, which is not allowed there`;
  if (/^[-_+]/.test(name)) return `index name "${name}" begins with "${name[0]}": an index name must not begin with -, _ or +`;
  if (name === "." || name === "..") return `index name "${name}" is not allowed`;
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `index name "${name.slice(0, 40)}…" is longer than ${NAME_BYTES_MAX} bytes`;
  return null;
}

/** The pattern of all indexes of a target: `temps` with the suffix `_{yyyy-MM-dd}` gives `temps_*`. */
export function indexPattern(name: string, suffix: string | null): string {
  return suffix === null ? name : `${name}${suffix.replace(/\{[^}]*\}/g, "*")}`.replace(/\*+/g, "*");
}

/** Some index name that the pattern fits, to ask which templates would apply to it. */
export function sampleIndexName(name: string, suffix: string | null): string {
  const digits = (format: string): string => format.replace(/[A-Za-z]/g, "1").replace(/[{}']/g, "");
  return suffix === null ? name : name + suffix.replace(/\{[^}]*\}/g, digits);
}
