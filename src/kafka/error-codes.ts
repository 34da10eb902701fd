import { KafkaError } from '../errors.ts'

interface ErrorCode {
  readonly name: string
  readonly retriable: boolean
  readonly message: string
}

/** Kafka's error codes by number, with the protocol's names and Java's idea of what may be tried again. */
const table = new Map<number, ErrorCode>()

/** The name of an error code; `NONE` for 0. */
export function errorName(code: number): string {
  return code === 0 ? 'NONE' : (table.get(code)?.name ?? `ERROR_${code}`)
}

export function isRetriableCode(code: number): boolean {
  return table.get(code)?.retriable ?? false
}

/** The error a broker answered with, said about what was being done: `doing` such as `Committing offsets`. */
export function brokerError(code: number, doing: string): KafkaError {
  const known = table.get(code)
  return new KafkaError(
    `${doing} failed: ${known?.message ?? 'The broker answered an unknown error code.'}`,
    {
      code: errorName(code),
      retriable: known?.retriable ?? false,
    },
  )
}

function add(code: number, name: string, retriable: boolean, message: string): void {
  table.set(code, { name, retriable, message })
}

add(
  -1,
  'UNKNOWN_SERVER_ERROR',
  false,
  'The server experienced an unexpected error when processing the request.',
)
add(
  1,
  'OFFSET_OUT_OF_RANGE',
  false,
  'The requested offset is not within the range of offsets maintained by the server.',
)
add(
  2,
  'CORRUPT_MESSAGE',
  true,
  'This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt.',
)
add(3, 'UNKNOWN_TOPIC_OR_PARTITION', true, 'This server does not host this topic-partition.')
add(4, 'INVALID_FETCH_SIZE', false, 'The requested fetch size is invalid.')
add(
  5,
  'LEADER_NOT_AVAILABLE',
  true,
  'There is no leader for this topic-partition as we are in the middle of a leadership election.',
)
add(
  6,
  'NOT_LEADER_OR_FOLLOWER',
  true,
  'For requests intended only for the leader, this error indicates that the broker is not the current leader.',
)
add(7, 'REQUEST_TIMED_OUT', true, 'The request timed out.')
add(8, 'BROKER_NOT_AVAILABLE', true, 'The broker is not available.')
add(9, 'REPLICA_NOT_AVAILABLE', true, 'The replica is not available for the requested topic-partition.')
add(
  10,
  'MESSAGE_TOO_LARGE',
  false,
  'The request included a message larger than the max message size the server will accept.',
)
add(12, 'OFFSET_METADATA_TOO_LARGE', false, 'The metadata field of the offset request was too large.')
add(13, 'NETWORK_EXCEPTION', true, 'The server disconnected before a response was received.')
add(14, 'COORDINATOR_LOAD_IN_PROGRESS', true, "The coordinator is loading and hence can't process requests.")
add(15, 'COORDINATOR_NOT_AVAILABLE', true, 'The coordinator is not available.')
add(16, 'NOT_COORDINATOR', true, 'This is not the correct coordinator.')
add(
  17,
  'INVALID_TOPIC_EXCEPTION',
  false,
  'The request attempted to perform an operation on an invalid topic.',
)
add(
  18,
  'RECORD_LIST_TOO_LARGE',
  false,
  'The request included message batch larger than the configured segment size on the server.',
)
add(
  19,
  'NOT_ENOUGH_REPLICAS',
  true,
  'Messages are rejected since there are fewer in-sync replicas than required.',
)
add(
  20,
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  true,
  'Messages are written to the log, but to fewer in-sync replicas than required.',
)
add(21, 'INVALID_REQUIRED_ACKS', false, 'Produce request specified an invalid value for required acks.')
add(22, 'ILLEGAL_GENERATION', false, 'Specified group generation id is not valid.')
add(
  23,
  'INCONSISTENT_GROUP_PROTOCOL',
  false,
  "The group member's supported protocols are incompatible with those of existing members.",
)
add(24, 'INVALID_GROUP_ID', false, 'The group id is invalid.')
add(25, 'UNKNOWN_MEMBER_ID', false, 'The coordinator is not aware of this member.')
add(
  26,
  'INVALID_SESSION_TIMEOUT',
  false,
  'The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).',
)
add(27, 'REBALANCE_IN_PROGRESS', false, 'The group is rebalancing, so a rejoin is needed.')
add(28, 'INVALID_COMMIT_OFFSET_SIZE', false, 'The committing offset data size is not valid.')
add(29, 'TOPIC_AUTHORIZATION_FAILED', false, 'Topic authorization failed.')
add(30, 'GROUP_AUTHORIZATION_FAILED', false, 'Group authorization failed.')
add(31, 'CLUSTER_AUTHORIZATION_FAILED', false, 'Cluster authorization failed.')
add(32, 'INVALID_TIMESTAMP', false, 'The timestamp of the message is out of acceptable range.')
add(33, 'UNSUPPORTED_SASL_MECHANISM', false, 'The broker does not support the requested SASL mechanism.')
add(34, 'ILLEGAL_SASL_STATE', false, 'Request is not valid given the current SASL state.')
add(35, 'UNSUPPORTED_VERSION', false, 'The version of API is not supported.')
add(36, 'TOPIC_ALREADY_EXISTS', false, 'Topic with this name already exists.')
add(37, 'INVALID_PARTITIONS', false, 'Number of partitions is below 1.')
add(
  38,
  'INVALID_REPLICATION_FACTOR',
  false,
  'Replication factor is below 1 or larger than the number of available brokers.',
)
add(39, 'INVALID_REPLICA_ASSIGNMENT', false, 'Replica assignment is invalid.')
add(40, 'INVALID_CONFIG', false, 'Configuration is invalid.')
add(41, 'NOT_CONTROLLER', true, 'This is not the correct controller for this cluster.')
add(
  42,
  'INVALID_REQUEST',
  false,
  'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker.',
)
add(
  43,
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  false,
  'The message format version on the broker does not support the request.',
)
add(44, 'POLICY_VIOLATION', false, 'Request parameters do not satisfy the configured policy.')
add(45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', false, 'The broker received an out of order sequence number.')
add(46, 'DUPLICATE_SEQUENCE_NUMBER', false, 'The broker received a duplicate sequence number.')
add(47, 'INVALID_PRODUCER_EPOCH', false, 'Producer attempted to produce with an old epoch.')
add(48, 'INVALID_TXN_STATE', false, 'The producer attempted a transactional operation in an invalid state.')
add(49, 'INVALID_PRODUCER_ID_MAPPING', false, 'The transactional id belongs to another producer id by now.')
add(50, 'INVALID_TRANSACTION_TIMEOUT', false, 'transaction.timeout.ms is above what the broker allows.')
add(
  51,
  'CONCURRENT_TRANSACTIONS',
  true,
  'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing.',
)
add(52, 'TRANSACTION_COORDINATOR_FENCED', false, 'Another broker coordinates the transaction by now.')
add(53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', false, 'Transactional Id authorization failed.')
add(54, 'SECURITY_DISABLED', false, 'Security features are disabled.')
add(55, 'OPERATION_NOT_ATTEMPTED', false, 'Not tried, because another part of the request failed.')
add(56, 'KAFKA_STORAGE_ERROR', true, 'Disk error when trying to access log file on the disk.')
add(58, 'SASL_AUTHENTICATION_FAILED', false, 'SASL Authentication failed.')
add(
  59,
  'UNKNOWN_PRODUCER_ID',
  false,
  'The broker does not know the producer id: its records are gone from the log.',
)
add(60, 'REASSIGNMENT_IN_PROGRESS', false, 'A partition reassignment is in progress.')
add(68, 'NON_EMPTY_GROUP', false, 'The group is not empty.')
add(69, 'GROUP_ID_NOT_FOUND', false, 'The group id does not exist.')
add(70, 'FETCH_SESSION_ID_NOT_FOUND', true, 'The fetch session ID was not found.')
add(71, 'INVALID_FETCH_SESSION_EPOCH', true, 'The fetch session epoch is invalid.')
add(
  72,
  'LISTENER_NOT_FOUND',
  true,
  'There is no listener on the leader broker that matches the listener on which metadata request was processed.',
)
add(73, 'TOPIC_DELETION_DISABLED', false, 'Topic deletion is disabled.')
add(74, 'FENCED_LEADER_EPOCH', true, 'The leader epoch in the request is older than the epoch on the broker.')
add(
  75,
  'UNKNOWN_LEADER_EPOCH',
  true,
  'The leader epoch in the request is newer than the epoch on the broker.',
)
add(
  76,
  'UNSUPPORTED_COMPRESSION_TYPE',
  false,
  'The requesting client does not support the compression type of given partition.',
)
add(
  78,
  'OFFSET_NOT_AVAILABLE',
  true,
  'The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.',
)
add(
  79,
  'MEMBER_ID_REQUIRED',
  false,
  'The group member needs to have a valid member id before actually entering a consumer group.',
)
add(81, 'GROUP_MAX_SIZE_REACHED', false, 'The consumer group has reached its max size.')
add(
  82,
  'FENCED_INSTANCE_ID',
  false,
  'The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.',
)
add(
  86,
  'GROUP_SUBSCRIBED_TO_TOPIC',
  false,
  'Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.',
)
add(
  87,
  'INVALID_RECORD',
  false,
  'This record has failed the validation on broker and hence will be rejected.',
)
add(88, 'UNSTABLE_OFFSET_COMMIT', true, 'There are unstable offsets that need to be cleared.')
add(89, 'THROTTLING_QUOTA_EXCEEDED', true, 'The throttling quota has been exceeded.')
add(
  90,
  'PRODUCER_FENCED',
  false,
  'There is a newer producer with the same transactionalId which fences the current one.',
)
add(120, 'TRANSACTION_ABORTABLE', false, 'The broker lets this transaction only be aborted.')
