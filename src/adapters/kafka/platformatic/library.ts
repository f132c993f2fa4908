import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as Library from "@platformatic/kafka";

/**
 * The protocol of @platformatic/kafka without its clients. The package's one entry also loads its consumer, producer, admin client
 * and schema registries, and compiles what checks their options: as much CPU as half a million messages take, for nothing that is used
 * here. Its files are not its public interface, so its version is fixed.
 */
const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("@platformatic/kafka"));

function load<Part>(path: string): Part {
  return require(join(folder, path)) as Part;
}

export const { AuthenticationError, NetworkError, ResponseError, TimeoutError, UnexpectedCorrelationIdError } =
  load<typeof Library>("errors.js");
export const { Reader } = load<typeof Library>("protocol/reader.js");
export const { Writer } = load<typeof Library>("protocol/writer.js");
export const { createAPI } = load<typeof Library>("apis/definitions.js");

export const metadataV12 = load<typeof Library.metadataV12>("apis/metadata/metadata-v12.js");
export const findCoordinatorV4 = load<typeof Library.findCoordinatorV4>("apis/metadata/find-coordinator-v4.js");
export const createPartitionsV3 = load<typeof Library.createPartitionsV3>("apis/admin/create-partitions-v3.js");
export const createTopicsV7 = load<typeof Library.createTopicsV7>("apis/admin/create-topics-v7.js");
export const deleteGroupsV2 = load<typeof Library.deleteGroupsV2>("apis/admin/delete-groups-v2.js");
export const deleteRecordsV2 = load<typeof Library.deleteRecordsV2>("apis/admin/delete-records-v2.js");
export const deleteTopicsV6 = load<typeof Library.deleteTopicsV6>("apis/admin/delete-topics-v6.js");
export const describeConfigsV4 = load<typeof Library.describeConfigsV4>("apis/admin/describe-configs-v4.js");
export const addPartitionsToTxnV3 = load<typeof Library.addPartitionsToTxnV3>("apis/producer/add-partitions-to-txn-v3.js");
export const endTxnV3 = load<typeof Library.endTxnV3>("apis/producer/end-txn-v3.js");
export const initProducerIdV4 = load<typeof Library.initProducerIdV4>("apis/producer/init-producer-id-v4.js");
export const produceV9 = load<typeof Library.produceV9>("apis/producer/produce-v9.js");
export const fetchV13 = load<typeof Library.fetchV13>("apis/consumer/fetch-v13.js");
export const listOffsetsV7 = load<typeof Library.listOffsetsV7>("apis/consumer/list-offsets-v7.js");
export const joinGroupV9 = load<typeof Library.joinGroupV9>("apis/consumer/join-group-v9.js");
export const syncGroupV5 = load<typeof Library.syncGroupV5>("apis/consumer/sync-group-v5.js");
export const heartbeatV4 = load<typeof Library.heartbeatV4>("apis/consumer/heartbeat-v4.js");
export const leaveGroupV5 = load<typeof Library.leaveGroupV5>("apis/consumer/leave-group-v5.js");
export const offsetCommitV8 = load<typeof Library.offsetCommitV8>("apis/consumer/offset-commit-v8.js");
