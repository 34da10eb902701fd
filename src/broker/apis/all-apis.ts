import { addOffsetsToTxnApi } from './add-offsets-to-txn.ts'
import { addPartitionsToTxnApi } from './add-partitions-to-txn.ts'
import { alterConfigsApi, incrementalAlterConfigsApi } from './alter-configs.ts'
import { apiVersionsApi } from './api-versions.ts'
import type { Api } from './api.ts'
import { createPartitionsApi } from './create-partitions.ts'
import { createTopicsApi } from './create-topics.ts'
import { deleteGroupsApi } from './delete-groups.ts'
import { deleteRecordsApi } from './delete-records.ts'
import { deleteTopicsApi } from './delete-topics.ts'
import { describeClusterApi } from './describe-cluster.ts'
import { describeConfigsApi } from './describe-configs.ts'
import { describeGroupsApi } from './describe-groups.ts'
import { endTxnApi } from './end-txn.ts'
import { fetchApi } from './fetch.ts'
import { findCoordinatorApi } from './find-coordinator.ts'
import { heartbeatApi } from './heartbeat.ts'
import { initProducerIdApi } from './init-producer-id.ts'
import { joinGroupApi } from './join-group.ts'
import { leaveGroupApi } from './leave-group.ts'
import { listGroupsApi } from './list-groups.ts'
import { listOffsetsApi } from './list-offsets.ts'
import { metadataApi } from './metadata.ts'
import { offsetCommitApi } from './offset-commit.ts'
import { offsetDeleteApi } from './offset-delete.ts'
import { offsetFetchApi } from './offset-fetch.ts'
import { offsetForLeaderEpochApi } from './offset-for-leader-epoch.ts'
import { produceApi } from './produce.ts'
import { saslAuthenticateApi } from './sasl-authenticate.ts'
import { saslHandshakeApi } from './sasl-handshake.ts'
import { syncGroupApi } from './sync-group.ts'
import { txnOffsetCommitApi } from './txn-offset-commit.ts'

/** Every API of a broker without logins, by key: what is not here is neither advertised nor answered. */
export const allApis: ReadonlyMap<number, Api> = byKey([
  produceApi,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  findCoordinatorApi,
  joinGroupApi,
  heartbeatApi,
  leaveGroupApi,
  syncGroupApi,
  describeGroupsApi,
  listGroupsApi,
  createTopicsApi,
  deleteTopicsApi,
  deleteRecordsApi,
  initProducerIdApi,
  offsetForLeaderEpochApi,
  addPartitionsToTxnApi,
  addOffsetsToTxnApi,
  endTxnApi,
  txnOffsetCommitApi,
  describeConfigsApi,
  alterConfigsApi,
  createPartitionsApi,
  deleteGroupsApi,
  incrementalAlterConfigsApi,
  offsetDeleteApi,
  describeClusterApi,
])

/** The same with those that a login needs. */
export const allApisWithLogin: ReadonlyMap<number, Api> = byKey([
  ...allApis.values(),
  saslHandshakeApi,
  saslAuthenticateApi,
])

/** With ApiVersions, which tells of them all. */
function byKey(apis: readonly Api[]): ReadonlyMap<number, Api> {
  const map = new Map(apis.map((api) => [api.key, api]))
  const versions = apiVersionsApi(() => map.values())
  return map.set(versions.key, versions)
}
