/** Railroad diagrams as SVG: boxes that know their size and draw themselves from where the track comes in. */
export interface Shape {
  readonly width: number;
  /** Above and below the track. */
  readonly up: number;
  readonly down: number;
  /** From the left end of the track. */
  readonly draw: (x: number, y: number) => string;
}

const LETTER_WIDTH = 8;
const PADDING = 10;
const HALF_HEIGHT = 12;
const GAP = 10;
const RADIUS = 10;
/** Between alternatives. */
const ROW_GAP = 8;

const line = (x: number, y: number, width: number): string => (width > 0 ? `<path d="M${x} ${y}h${width}"/>` : "");
export const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A word or sign in a rounded box, a kind of token in italics, or the name of a rule in a square one. */
export function box(text: string, kind: "word" | "token" | "rule"): Shape {
  const width = text.length * LETTER_WIDTH + 2 * PADDING;
  const radius = kind === "rule" ? 0 : HALF_HEIGHT;
  return {
    width,
    up: HALF_HEIGHT,
    down: HALF_HEIGHT,
    draw: (x, y) =>
      `<rect class="${kind}" x="${x}" y="${y - HALF_HEIGHT}" width="${width}" height="${2 * HALF_HEIGHT}" rx="${radius}"/>` +
      `<text class="${kind}" x="${x + width / 2}" y="${y + 4}">${escapeXml(text)}</text>`,
  };
}

export const skip: Shape = { width: 0, up: 0, down: 0, draw: () => "" };

export function sequence(shapes: readonly Shape[]): Shape {
  if (shapes.length === 1) return shapes[0] as Shape;
  const width = shapes.reduce((sum, shape) => sum + shape.width, 0) + GAP * Math.max(0, shapes.length - 1);
  return {
    width,
    up: Math.max(0, ...shapes.map(({ up }) => up)),
    down: Math.max(0, ...shapes.map(({ down }) => down)),
    draw: (x, y) => {
      let at = x;
      return shapes
        .map((shape, index) => {
          const track = index === 0 ? "" : line(at - GAP, y, GAP);
          const drawn = track + shape.draw(at, y);
          at += shape.width + GAP;
          return drawn;
        })
        .join("");
    },
  };
}

/** The first on the track, the others below it. */
export function choice(shapes: readonly Shape[]): Shape {
  const inner = Math.max(...shapes.map(({ width }) => width));
  const offsets: number[] = [0];
  for (const [index, shape] of shapes.entries()) {
    if (index === 0) continue;
    const above = shapes[index - 1] as Shape;
    const least = index === 1 ? 2 * RADIUS : 0;
    offsets.push((offsets[index - 1] as number) + Math.max(least, above.down + ROW_GAP + shape.up));
  }
  const last = shapes.at(-1) as Shape;
  return {
    width: inner + 4 * RADIUS,
    up: (shapes[0] as Shape).up,
    down: (offsets.at(-1) as number) + last.down,
    draw: (x, y) => shapes.map((shape, index) => alternative(shape, x, y, offsets[index] as number, inner)).join(""),
  };
}

function alternative(shape: Shape, x: number, y: number, offset: number, inner: number): string {
  const left = x + 2 * RADIUS;
  const rest = inner - shape.width;
  const drawn = shape.draw(left, y + offset) + line(left + shape.width, y + offset, rest);
  if (offset === 0) return line(x, y, 2 * RADIUS) + drawn + line(left + inner, y, 2 * RADIUS);
  const fall = offset - 2 * RADIUS;
  const r = RADIUS;
  return (
    `<path d="M${x} ${y}q${r} 0 ${r} ${r}v${fall}q0 ${r} ${r} ${r}"/>${drawn}` +
    `<path d="M${left + inner} ${y + offset}q${r} 0 ${r} ${-r}v${-fall}q0 ${-r} ${r} ${-r}"/>`
  );
}

/** Once or more, with what stands between two on the way back. */
export function loop(shape: Shape, between: Shape): Shape {
  const inner = Math.max(shape.width, between.width);
  const offset = Math.max(2 * RADIUS, shape.down + ROW_GAP + between.up);
  const r = RADIUS;
  return {
    width: inner + 2 * r,
    up: shape.up,
    down: offset + between.down,
    draw: (x, y) => {
      const [left, right] = [x + r, x + r + inner];
      const back = left + (inner - between.width) / 2;
      return (
        line(x, y, r) +
        shape.draw(left, y) +
        line(left + shape.width, y, inner - shape.width + r) +
        `<path d="M${right} ${y}q${r} 0 ${r} ${r}v${offset - 2 * r}q0 ${r} ${-r} ${r}"/>` +
        line(back + between.width, y + offset, right - back - between.width) +
        between.draw(back, y + offset) +
        line(left, y + offset, back - left) +
        `<path d="M${left} ${y + offset}q${-r} 0 ${-r} ${-r}v${2 * r - offset}q0 ${-r} ${r} ${-r}"/>`
      );
    },
  };
}

const MARGIN = 12;
const STUB = 20;
const TITLE_HEIGHT = 28;
const STYLE =
  "svg{background:#fff}path,rect{fill:none;stroke:#334;stroke-width:1.5}text{font:13px monospace;text-anchor:middle;fill:#112}" +
  "rect.word{fill:#e8f1fb}rect.token{fill:#eef7ea}rect.rule{fill:#fff6df}text.token{font-style:italic}" +
  "text.title{font-weight:bold;font-size:15px;text-anchor:start}";

/** Titles with their tracks, one below the other: a file of its own, without anything from elsewhere. */
export function svgOf(tracks: readonly { readonly title: string; readonly shape: Shape }[]): string {
  let y = MARGIN;
  const drawn = tracks.map(({ title, shape }) => {
    const track = y + TITLE_HEIGHT + shape.up;
    y = track + shape.down + MARGIN;
    const [start, end] = [MARGIN + STUB, MARGIN + STUB + shape.width];
    const ends = `<path d="M${MARGIN} ${track - 6}v12M${MARGIN} ${track}h${STUB}M${end} ${track}h${STUB}m0 -6v12"/>`;
    const heading = `<text class="title" x="${MARGIN}" y="${track - shape.up - 8}">${title}</text>`;
    return `<g id="${title}">${heading}${ends}${shape.draw(start, track)}</g>`;
  });
  const width = Math.max(0, ...tracks.map(({ shape }) => shape.width)) + 2 * (MARGIN + STUB);
  const size = `width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<style>${STYLE}</style>\n${drawn.join("\n")}\n</svg>\n`;
}
