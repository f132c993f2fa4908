import { describe, expect, it } from "vitest";
import { problemsOf, tested, updated } from "./tested.ts";

const SQL = "INSERT INTO elastic.copies SELECT id, n FROM orders AUTOCREATE PK id;\nINSERT INTO copied SELECT id, n FROM orders;\n";
const HEAD = `tests:
  # the first
  - name: one   # yes
    given: { orders: [{key: a, value: {id: a, n: 1}},   {key: b, value: {id: b, n: 2}}, {key: c, value: {id: c, n: 3}}] }
    expect:
`;

describe("--update", () => {
  it("changes values where they stand, and leaves comments and layout as they are", async () => {
    const before = `${HEAD}      elastic.copies:
        # about a
        - {id: a,   n: 5} # five
        - id: x
          n: 2   # two
        # about d
        - {id: d, n: 9}
        - {id: c,   n: 3}
`;
    const after = `${HEAD}      elastic.copies:
        # about a
        - {id: a,   n: 1} # five
        - id: b
          n: 2   # two
        - {id: c,   n: 3}
`;
    expect(await updated(SQL, before)).toBe(after);
    expect(await updated(SQL, after)).toBe(after);
  });

  it("writes rows that are new, in their places, in the words of those beside them", async () => {
    const before = `${HEAD}      copied:
        - {value: {id: b, n: 2}}

        # last
  - name: two
`;
    const after = `${HEAD}      copied:
        - { value: { id: a, n: 1 } }
        - {value: {id: b, n: 2}}
        - { value: { id: c, n: 3 } }

        # last
  - name: two
`;
    expect(await updated(SQL, before)).toBe(after);
  });

  it("fills lists that are empty, missing or in brackets, and empties those of which nothing came", async () => {
    const given = "given: { orders: [{ key: a, value: { id: a, n: 12345678901234567890 } }] }";
    const before = `tests:
  - name: one
    ${given}
    expect:
      elastic.copies: []
      copied:
  - { name: two, ${given}, expect: { elastic.copies: [], copied: { exactly: [{ key: b }] } } }
  - name: three
    expect:
      elastic.copies:
        - { id: a } # gone

      # none
      copied: []
`;
    const after = `tests:
  - name: one
    ${given}
    expect:
      elastic.copies:
        - { id: a, n: 12345678901234567890 }
      copied:
        - { key: a, value: { id: a, n: 12345678901234567890 } }
  - { name: two, ${given}, expect: { elastic.copies: [ { id: a, n: 12345678901234567890 } ], copied: { exactly: [{ key: a }] } } }
  - name: three
    expect:
      elastic.copies: []

      # none
      copied: []
`;
    expect(await updated(SQL, before)).toBe(after);
    expect(problemsOf(await tested(SQL, after))).toEqual([]);
  });

  it("does not touch what is no list of all rows", async () => {
    const before = `${HEAD}      elastic.copies: { contains: [{ id: x }] }\n    counts: { copies#1: { in: 9 } }\n`;
    expect(await updated(SQL, before)).toBe(before);
  });
});
