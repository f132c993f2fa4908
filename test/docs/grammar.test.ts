import { describe, expect, it } from "vitest";
import { type DiagramPage, diagramPages } from "../../grammar/railroad.ts";
import { sharedParser } from "../../grammar/statements.ts";

const HEADER = `# The grammar

Generated from the parser's own rules; \`npm run docs\` writes it anew, and a test compares. Rounded boxes are words in any case and signs,
those in italics kinds of tokens, square ones rules. The same as text, with the categories of words, is
[\`grammar/sluice.ebnf\`](../../grammar/sluice.ebnf).
`;

const sectionOf = ({ name, title, rules }: DiagramPage): string =>
  [`## ${title}`, `![${title}](grammar/${name}.svg)`, ["```ebnf", ...rules.map(({ ebnf }) => ebnf), "```"].join("\n")].join("\n\n");

describe("docs/language/grammar.md", () => {
  const pages = diagramPages();

  it("shows every rule once", () => {
    const shown = pages.flatMap(({ rules }) => rules.map(({ name }) => name));
    expect(shown.toSorted()).toEqual([...new Set(shown)].sort());
    expect(Object.keys(sharedParser().getGAstProductions()).filter((name) => !shown.includes(name))).toEqual([]);
  });

  it("is current", async () => {
    await expect(`${[HEADER.trimEnd(), ...pages.map(sectionOf)].join("\n\n")}\n`).toMatchFileSnapshot("../../docs/language/grammar.md");
  });

  it.each(pages)("has a diagram of $title that needs nothing else", async ({ name, svg, rules }) => {
    expect(svg).not.toMatch(/NaN|undefined|href|url\(|<script/);
    expect(svg.match(/<g id=/g)).toHaveLength(rules.length);
    await expect(svg).toMatchFileSnapshot(`../../docs/language/grammar/${name}.svg`);
  });
});
