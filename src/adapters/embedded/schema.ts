/** Raised with every change of the tables below; kept in the file as `user_version`. */
export const SCHEMA_VERSION = 1;

/**
 * All embedded connections of a file share these tables and are kept apart by `connection`.
 * - segments: a Kafka record batch (v2) each, so that a fetch is a row walked in place. `end_offset` is one past its last record.
 * - documents: what indexes and tables hold. A tombstone (document NULL) stays, so that an older upsert does not come back.
 * - state: one row per key; what is written again moves to the end, as in a compacted topic.
 */
export const SCHEMA = `
CREATE TABLE topics (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  connection TEXT NOT NULL,
  name TEXT NOT NULL,
  id TEXT NOT NULL,
  compacted INTEGER NOT NULL,
  UNIQUE (connection, name)
) STRICT;

CREATE TABLE partitions (
  topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
  partition INTEGER NOT NULL,
  start_offset INTEGER NOT NULL DEFAULT 0,
  end_offset INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
  number INTEGER PRIMARY KEY,
  topic INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  end_offset INTEGER NOT NULL,
  max_timestamp_ms INTEGER NOT NULL,
  records BLOB NOT NULL,
  FOREIGN KEY (topic, partition) REFERENCES partitions ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX segments_by_offset ON segments (topic, partition, end_offset, max_timestamp_ms);

CREATE TABLE group_offsets (
  connection TEXT NOT NULL,
  "group" TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  PRIMARY KEY (connection, "group", topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE relations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  connection TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  UNIQUE (connection, name)
) STRICT;

CREATE TABLE documents (
  relation INTEGER NOT NULL REFERENCES relations ON DELETE CASCADE,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_ms INTEGER,
  document BLOB,
  PRIMARY KEY (relation, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  connection TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  partition INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (connection, pipeline, partition, "key")
) STRICT;

CREATE TABLE state_claims (
  connection TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  partition INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  PRIMARY KEY (connection, pipeline, partition)
) STRICT, WITHOUT ROWID;

CREATE VIEW contents AS
  SELECT connection, name, kind, id, version, CAST(document AS TEXT) AS document
  FROM relations JOIN documents ON relation = number
  WHERE document IS NOT NULL;
`;
