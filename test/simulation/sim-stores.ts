/** A document of an index, or the tombstone of one. */
interface Versioned {
  readonly version: number;
  readonly text: string | null;
}

/** Indexes as Elasticsearch keeps them: of an id the highest external version, deletes included. */
export class SimIndexes {
  private readonly indexes = new Map<string, Map<string, Versioned>>();

  /** False: there is this version already, or a newer one (409). */
  put(index: string, id: string, version: number, text: string | null): boolean {
    const documents = this.indexes.get(index) ?? new Map<string, Versioned>();
    this.indexes.set(index, documents);
    const known = documents.get(id);
    if (known !== undefined && known.version >= version) return false;
    documents.set(id, { version, text });
    return true;
  }

  /** By index and id: what there is. */
  contents(index: string): ReadonlyMap<string, string> {
    const found = [...(this.indexes.get(index) ?? [])].flatMap(([id, { text }]) => (text === null ? [] : [[id, text] as const]));
    return new Map(found);
  }

  names(prefix: string): readonly string[] {
    return [...this.indexes.keys()].filter((name) => name.startsWith(prefix));
  }
}

interface Cell {
  readonly atMicros: number;
  /** JSON text; null: a tombstone. */
  readonly value: string | null;
}

interface Row {
  deletedAtMicros: number;
  markedAtMicros: number;
  readonly cells: Map<string, Cell>;
}

/** Tables as Cassandra keeps them: each cell by its write time; of one time a tombstone wins, else the larger value. */
export class SimTables {
  private readonly tables = new Map<string, Map<string, Row>>();

  insert(table: string, id: string, atMicros: number, columns: ReadonlyMap<string, string | null>): void {
    const row = this.row(table, id);
    row.markedAtMicros = Math.max(row.markedAtMicros, atMicros);
    this.update(table, id, atMicros, columns);
  }

  update(table: string, id: string, atMicros: number, columns: ReadonlyMap<string, string | null>): void {
    const { cells } = this.row(table, id);
    for (const [name, value] of columns) {
      const cell: Cell = { atMicros, value };
      const known = cells.get(name);
      if (known === undefined || isNewer(cell, known)) cells.set(name, cell);
    }
  }

  delete(table: string, id: string, atMicros: number): void {
    const row = this.row(table, id);
    row.deletedAtMicros = Math.max(row.deletedAtMicros, atMicros);
  }

  contents(table: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [id, row] of this.tables.get(table) ?? []) {
      const live = [...row.cells].filter(([, { atMicros, value }]) => value !== null && atMicros > row.deletedAtMicros);
      if (live.length === 0 && row.markedAtMicros <= row.deletedAtMicros) continue;
      found.set(id, `{${live.map(([name, { value }]) => `${JSON.stringify(name)}:${value}`).join()}}`);
    }
    return found;
  }

  private row(table: string, id: string): Row {
    const rows = this.tables.get(table) ?? new Map<string, Row>();
    this.tables.set(table, rows);
    const row = rows.get(id) ?? { deletedAtMicros: -1, markedAtMicros: -1, cells: new Map<string, Cell>() };
    rows.set(id, row);
    return row;
  }
}

function isNewer(cell: Cell, known: Cell): boolean {
  if (cell.atMicros !== known.atMicros) return cell.atMicros > known.atMicros;
  return known.value !== null && (cell.value === null || cell.value > known.value);
}
