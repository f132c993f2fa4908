/** Every bound of the engine, with its reason. Nothing queues, caches or grows without a name in this file. */
export const LIMITS = {
  /** A pipeline file; far above any written by hand, low enough that parsing stays under a second. */
  statementBytesMax: 1 << 20,
  /** All files of a project with what a plan says of them: some thousand pipelines. */
  planBytesMax: 16 << 20,
  /** Statements that are executed by one request. */
  statementsMax: 1000,
  /** Nesting of expressions and queries; the parser's recursion overflows the stack at about 300. */
  nestingMax: 100,
  /** A file of foreign SQL or of a connector that is imported; some hundred statements. */
  foreignBytesMax: 256 << 10,
  /** Nesting of foreign SQL: its reader tries everything again at each level, and needs seconds at 16. */
  foreignNestingMax: 16,
  /** How long that reader may take for one statement before it is given up. */
  foreignMsMax: 10_000,
  /** Nodes of one expression after rewriting (BETWEEN and simple CASE repeat an operand); far above an IN list of all devices of a home. */
  expressionNodesMax: 200_000,
  /** One record given to `sluice produce`; above what brokers take by default. */
  recordBytesMax: 16 << 20,
  /** Digits of an integer that is computed with or compared; to make a BigInt of millions of them would hold up everybody. */
  integerDigitsMax: 1000,
  /** Characters of a text that a function makes longer than what it was given (`repeat`, `lpad`). */
  textCharactersMax: 1 << 20,
  /** Values of one group that an aggregate keeps (`collect_list`, `topk`, `quantile_cont`); of more the result is refused. */
  collectedValuesMax: 10_000,
  /** Distinct values of one group that an aggregate keeps to count them; `approx_count_distinct` has no such bound. */
  distinctValuesMax: 100_000,
  /** Elements of an array that a function makes. */
  arrayElementsMax: 100_000,
  /** Elements of one record that are rows: they are made in one stretch, and several UNNEST multiply. */
  elementRowsMax: 100_000,
  /** Bytes of these rows, which are one unit and cannot be sent in parts; `*` repeats the document in each. */
  elementRowBytesMax: 64 << 20,
  /** Texts of one kind (regular expressions, date patterns, paths) that are kept compiled; a statement asks for a few. */
  compiledTextsMax: 1000,
  /** Nesting of a JSON document; the scanner keeps an explicit stack of this depth. */
  jsonDepthMax: 512,
  /** Shapes of documents that a scanner keeps code for; each costs up to 30 kB and a try at every document of another shape. */
  shapesMax: 8,
  /** Functions kept for shapes of all scanners in a thread. */
  shapesCompiledMax: 64,
  /** Values in a shape; of more the keeping up costs more than the speed gives. */
  shapeValuesMax: 128,
  /** Bytes between the values of a shape; more is rather data in names. */
  shapeLiteralBytesMax: 4 << 10,
  /** Code of a shape; values behind are left to the scanner. V8 optimizes functions of up to 60 kB of bytecode. */
  shapeCodeCharacters: 40_000,
  /** Rows that pay for generating code of one more shape, once `shapesMax` were made: a millisecond against 20. */
  shapeRows: 65_536,
  /** Longest pause, in rows, after which shapes are tried again where they did not fit. */
  shapePauseRowsMax: 1 << 20,
  /** Distinct strings that an interned column numbers before it begins anew (or rests); passed by at most one batch. */
  dictionaryEntriesMax: 65_536,
  /** Bytes of these strings; passed by at most one batch. */
  dictionaryBytesMax: 8 << 20,
  /** Rows that go without ids after a dictionary has filled up with strings that hardly repeat. */
  dictionaryRestRows: 1_000_000,
  /** Partitions of a topic that are read as one log; a record's place there is one number of 53 bits, of which these take 12. */
  gatheredPartitionsMax: 4096,
  /** Bytes asked for in one fetch of one partition: a batch is worked off in well under the 200 ms of `stretchMsMax`. */
  fetchBytesMax: 1 << 20,
  /** Bytes fetched by all readers of a connection that are worked off or wait for it; where there are many, each reads smaller pieces. */
  fetchedBytesMax: 64 << 20,
  /** However many there are: smaller pieces would cost more for each record than they save. */
  fetchBytesMin: 64 << 10,
  /** Partitions that are read in one fetch: their answer is one piece of memory, in use until the last of them was worked off. */
  fetchPartitionsMax: 4,
  /** Bytes asked for in one fetch of all partitions together: a response is held in memory as a whole. */
  fetchResponseBytesMax: 16 << 20,
  /** One answer of a Kafka broker; a single record batch may be larger than what was asked for. More is taken for another protocol. */
  answerBytesMax: 256 << 20,
  /** Memory kept for the next answers of one connection's brokers; what is in use at a time is bounded by the fetches under way. */
  receiveSpareBytesMax: 32 << 20,
  /** One record batch after decompression; more is taken for broken, not allocated. */
  decompressedBytesMax: 256 << 20,
  /** One record batch that is written to a topic; brokers take 1,048,588 bytes unless told otherwise. */
  produceBatchBytesMax: 1_000_000,
  /** What `lookup.cache.rows` may be: rows in mind of one statement and table, for all partitions of a thread together. */
  lookupCacheRowsMax: 1_000_000,
  /** Bytes of them, with their keys. */
  lookupCacheBytesMax: 64 << 20,
  /** Bytes of what was looked up for the records of one statement and partition, of each table; with more it is noted anew. */
  lookupAnswersBytesMax: 32 << 20,
  /** Records of a partition for which an answer counts that was noted: then it is noted anew, and the older note can go. */
  lookupNoteRecords: 65_536,
  /** Bytes of answers in one note, which is one record of the state log. */
  lookupNoteBytesMax: 512 << 10,
  /** Keys in one request to an index or table. */
  lookupKeysMax: 256,
  /** Requests of one statement to a table under way at a time. */
  lookupLanes: 4,
  /** Rows of one input that are joined at a time, before others and barriers have their turn. */
  mergedRowsMax: 4096,
  /** How long records wait for an input of a join that has none, before it is taken for quiet. */
  quietMs: 200,
  /** Fetches of one partition that are kept for statements that read it a little later than others. */
  sharedFetchesMax: 4,
  /** How long a fetch waits at the end of the log for more. */
  fetchWaitMs: 250,
  /**
   * The same where nothing has come for `restAfterMs`, nothing is left to be written and no window closes meanwhile: fetches of many
   * partitions become one. What else looks at such a pipeline does so as rarely, and at the same moments: each time wakes its thread.
   */
  restMs: 10_000,
  restAfterMs: 5_000,
  /** A fetch at the end of the log may take so much longer than it waits, and the partition still counts as silent meanwhile. */
  silenceGapMsMax: 2_000,
  /** Rows in one column batch; larger fetches are cut. */
  batchRowsMax: 16_384,
  /** Changes that need not wait to be coalesced are sent to a topic no oftener; each time is a request. */
  topicLingerMs: 10,
  /** The same for an index or a table, where a request costs more and results are not seen at once anyway. */
  storeLingerMs: 50,
  /** Targets that one statement and partition names by its records: each is opened, and kept in mind. */
  namedTargetsMax: 1000,
  /** Changes made between two barriers, so that one barrier always fits a route's queue. */
  barrierChangesMax: 20_000,
  /** Rows that a join gives at once, less than `barrierChangesMax`; what more one record makes comes in further pieces. */
  joinRowsMax: 16_384,
  /** Rows of one partition of OVER that have the first places: one more may move them all, which is one piece of work. */
  rankedRowsMax: 10_000,
  /** Rows that one frame of OVER looks back on. */
  frameRowsMax: 100_000,
  /** Bytes of changes made between two barriers. */
  barrierBytesMax: 8 << 20,
  /** Groups in one delta of a state whose changes are not sent at barriers (EMIT FINAL): some 25 MB, encoded in less than 50 ms. */
  deltaGroupsMax: 1 << 18,
  /** A delta of so few groups costs a millisecond, and is made at every commit interval. */
  deltaGroupsCheap: 10_000,
  /** A larger one waits until so many records have come for each of its groups: reading them again costs less than keeping it. */
  deltaRecordsPerGroup: 8,
  /** But no longer than this: what a restart reads again stays a few seconds' worth. */
  deltaWaitMsMax: 10_000,
  /** Barriers of a statement and partition that may wait for acknowledgement; then it is detached. */
  barriersUnackedMax: 4,
  /** Bytes waiting in the queue of one route; then its statement is detached. */
  routeBytesMax: 32 << 20,
  /** One record of the state log; Kafka's default limit for a record is 1 MB. */
  stateChunkBytesMax: 900_000,
  /** Bytes of one append to the state log; a larger snapshot goes in several, with room for other work between them. */
  stateAppendBytesMax: 8 << 20,
  /** Records of a partition of the state log that are of no use any more and not erased yet; erasing costs an append each time. */
  stateUselessRecordsMax: 64,
  /** Bytes of state of one statement and partition; over it the statement stops, not the process. */
  stateBytesMax: 512 << 20,
  /** Windows open at once in one statement and partition. */
  windowsOpenMax: 10_000,
  /** Sessions of one group open at once: a row that is out of order is looked for from session to session. */
  sessionsOfKeyMax: 10_000,
  /** Threads of one pipeline: each costs some 30 MB, and more than there are cores is of no use. */
  threadsMax: 64,
  /** What a pipeline's thread may hold in JavaScript objects; state, columns and buffers lie outside of that heap. */
  threadHeapMbMax: 1024,
  /** What it may hold in state, columns and buffers. */
  threadBuffersMbMax: 4096,
  /** A thread that tells nothing for so long hangs, and is ended. */
  threadSilentMsMax: 60_000,
  /** At the end of a bounded run: for so long targets may take nothing of what is left. */
  silentTargetsMsMax: 60_000,
  /** Records between the stages of a statement that all have read, and that stay: fewer are not worth a request. */
  internalRecordsKept: 10_000,
  /** A record timestamp further ahead of the wall clock does not move clocks (`runtime.md` §2). */
  aheadMs: 600_000,
  /** The walls of two owners of a partition may differ by that: what the first has let through the next one does not refuse. */
  wallsApartMsMax: 300_000,
  /** Records of each partition that are looked at to see which fields a topic has. */
  sampleRecordsMax: 100,
  /** Bytes of them, of all partitions together. */
  sampleBytesMax: 4 << 20,
  /** Partitions that are looked at; of more, so many spread over all. */
  samplePartitionsMax: 32,
  /** How long it may take to look; what has come by then counts. */
  sampleMsMax: 5_000,
  /** A share of so many records at least is what `error.budget` allows: the first ones alone say little. */
  errorShareRecordsMin: 1000,
  /** Key, value and refused document in one dead letter, which is a record of at most a megabyte; what is longer is left out of it. */
  deadLetterBytesMax: 700_000,
  /** Refused changes whose dead letters are made at once, with the records that they come from. */
  deadLettersMadeMax: 256,
  /** How long a topic is looked through for what a dead letter is about. */
  deadLettersMsMax: 3_000,
  /** Bytes of dead letters that are kept in mind while all of them are read, to list a page or to redrive them. */
  deadLettersBytesMax: 64 << 20,
  /** Names of members after which JSON objects are taken for maps, whose names are data. */
  sampleMembersMax: 500,
  /** How long one question to an outside system may take while pipelines are checked beside it. */
  liveMsMax: 15_000,
  /** The same while somebody waits for the answer to a request; a sample has the time that it may take. */
  askedMsMax: 6_000,
  /** One answer of a schema registry. */
  schemaBytesMax: 4 << 20,
  /** Topics whose schemas are kept. */
  schemasKeptMax: 1000,
  /** What is written to the client of a stream at once: as much waits for one that takes nothing. */
  streamPieceCharacters: 64 << 10,
  /** A client that takes nothing of its stream for so long is cut off; until then its query waits. */
  streamStalledMsMax: 300_000,
  /** A catalog in a topic, compressed: some hundred thousand pipelines. */
  catalogBytesMax: 16 << 20,
  /** How a pipeline stands on one of several servers, compressed: some hundred thousand tasks. */
  statusBytesMax: 4 << 20,
  /** Longest pause between two looks at dated indexes that are closed or deleted by their age. */
  retirementPauseMsMax: 600_000,
  /** Elasticsearch's own limit for a document id. */
  elasticIdBytesMax: 512,
  /** One file of a server's audit log, and how many are kept: some 100,000 changes in all. */
  auditBytesMax: 10 << 20,
  auditFilesMax: 5,
  /** Partitions of a statement that have metrics of their own; of more only the sums are shown. */
  metricPartitionsMax: 256,
  /** Longest pause between two tries. */
  backoffMsMax: 30_000,
} as const;
