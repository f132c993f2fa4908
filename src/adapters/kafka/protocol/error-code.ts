import { SluiceError } from "../../../errors.ts";

/** The error codes of Kafka's protocol that are told apart here. */
export const KafkaError = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  invalidTimestamp: 32,
  unsupportedVersion: 35,
  topicExists: 36,
  invalidPartitions: 37,
  invalidReplicationFactor: 38,
  invalidConfig: 40,
  notController: 41,
  policyViolation: 44,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  transactionCoordinatorFenced: 52,
  operationNotAttempted: 55,
  storageError: 56,
  saslAuthenticationFailed: 58,
  unknownProducer: 59,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  memberIdRequired: 79,
  invalidRecord: 87,
  throttled: 89,
  producerFenced: 90,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
  transactionAbortable: 120,
} as const;

const NAMES = new Map<number, string>(Object.entries(KafkaError).map(([name, code]) => [code, name]));

/** What a broker answers while leaders, coordinators or controllers move, or replicas are behind. */
const PASSING: ReadonlySet<number> = new Set([
  KafkaError.unknownServerError,
  KafkaError.unknownTopicOrPartition,
  KafkaError.leaderNotAvailable,
  KafkaError.notLeader,
  KafkaError.requestTimedOut,
  KafkaError.replicaNotAvailable,
  KafkaError.networkException,
  KafkaError.coordinatorLoading,
  KafkaError.coordinatorNotAvailable,
  KafkaError.notCoordinator,
  KafkaError.notEnoughReplicas,
  KafkaError.notEnoughReplicasAfterAppend,
  KafkaError.notController,
  KafkaError.storageError,
  KafkaError.concurrentTransactions,
  KafkaError.transactionCoordinatorFenced,
  KafkaError.nonEmptyGroup,
  KafkaError.fencedLeaderEpoch,
  KafkaError.unknownLeaderEpoch,
  KafkaError.offsetNotAvailable,
  KafkaError.throttled,
  KafkaError.unknownTopicId,
  KafkaError.inconsistentTopicId,
]);

/** An answer of Kafka that is an error: CONNECTION_FAILED where trying again may help, else CONNECTION_REFUSED_RIGHTS. */
export class KafkaAnswerError extends SluiceError {
  readonly kafkaCode: number;

  constructor(kafkaCode: number, what: string, detail: string | null = null) {
    const code = PASSING.has(kafkaCode) ? "CONNECTION_FAILED" : "CONNECTION_REFUSED_RIGHTS";
    super(code, `${what}: Kafka answers ${errorName(kafkaCode)}${detail === null ? "" : ` (${detail})`}`);
    this.kafkaCode = kafkaCode;
  }
}

export function errorName(kafkaCode: number): string {
  const name = NAMES.get(kafkaCode);
  return name === undefined ? `error ${kafkaCode}` : name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Throws where `kafkaCode` is an error. */
export function expectNone(kafkaCode: number, what: string, detail: string | null = null): void {
  if (kafkaCode !== KafkaError.none) throw new KafkaAnswerError(kafkaCode, what, detail);
}
