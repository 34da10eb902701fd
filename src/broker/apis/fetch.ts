import type { WireReader } from '../../protocol/wire-reader.ts'
import type { BrokerContext } from '../context.ts'
import { ErrorCode } from '../error-codes.ts'
import type { AbortedTransaction } from '../log/log-transactions.ts'
import { leaderEpoch, type PartitionLog } from '../log/partition-log.ts'
import type { ResponseWriter } from '../response-writer.ts'
import { errorCodeOf, type Api, type ApiRequest } from './api.ts'

/** No answer is larger, except for a single batch that is. */
const mostBytes = 57_671_680
const noRecords: Buffer = Buffer.alloc(0)

interface FetchPartition {
  topic: string
  partition: number
  offset: number
  currentLeaderEpoch: number
  maxBytes: number
}

interface FetchRequest {
  maxWaitMs: number
  minBytes: number
  maxBytes: number
  isReadCommitted: boolean
  partitions: FetchPartition[]
}

interface PartitionAnswer {
  error: ErrorCode
  log: PartitionLog | null
  records: Buffer
  /** null: uncommitted records were asked for. */
  aborted: readonly AbortedTransaction[] | null
}

interface Answers {
  partitions: PartitionAnswer[]
  bytes: number
  hasError: boolean
}

/** Fetch gives whole batches straight from the files, and waits for new ones where there are too few. */
export const fetchApi: Api = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 12,
  flexibleFrom: 12,
  handle(request, broker) {
    const fetch = readRequest(request.reader, request.version)
    const answers = readAll(fetch, broker)
    if (answers.bytes >= fetch.minBytes || answers.hasError || fetch.maxWaitMs <= 0) {
      return writeAnswers(request, fetch, answers)
    }
    return waitForBytes(fetch, answers, request).then(() =>
      writeAnswers(request, fetch, readAll(fetch, broker)),
    )
  },
}

function readRequest(reader: WireReader, version: number): FetchRequest {
  reader.int32()
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = Math.min(reader.int32(), mostBytes)
  const isReadCommitted = reader.int8() === 1
  // Sessions are not kept: the answer's session id 0 tells the client to name its partitions every time.
  if (version >= 7) reader.raw(8)
  const topics = reader.array(() => {
    const topic = reader.string()
    const partitions = reader.array(() => readPartition(reader, version, topic))
    reader.tags()
    return partitions
  })
  return { maxWaitMs, minBytes, maxBytes, isReadCommitted, partitions: onlyOnce(topics.flat()) }
}

/** What is asked twice is asked as the last one says. */
function onlyOnce(partitions: FetchPartition[]): FetchPartition[] {
  if (partitions.length < 2) return partitions
  return [...new Map(partitions.map((asked) => [`${asked.topic} ${asked.partition}`, asked])).values()]
}

function readPartition(reader: WireReader, version: number, topic: string): FetchPartition {
  const partition = reader.int32()
  const currentLeaderEpoch = version >= 9 ? reader.int32() : -1
  const offset = reader.int64()
  if (version >= 12) reader.int32()
  if (version >= 5) reader.int64()
  const maxBytes = reader.int32()
  reader.tags()
  return { topic, partition, offset, currentLeaderEpoch, maxBytes }
}

let rotation = 0

/** Where several partitions share the bytes another one begins each time, else the last ones would starve. */
function readAll({ partitions, maxBytes, isReadCommitted }: FetchRequest, broker: BrokerContext): Answers {
  const answers: PartitionAnswer[] = Array(partitions.length)
  const start = partitions.length === 0 ? 0 : rotation++ % partitions.length
  let bytes = 0
  let hasError = false
  for (let turn = 0; turn < partitions.length; turn++) {
    const at = (start + turn) % partitions.length
    const answer = readPartitionLog(
      partitions[at]!,
      { left: maxBytes - bytes, isFirst: bytes === 0, isReadCommitted },
      broker,
    )
    bytes += answer.records.length
    hasError ||= answer.error !== ErrorCode.NONE
    answers[at] = answer
  }
  return { partitions: answers, bytes, hasError }
}

function readPartitionLog(
  { topic, partition, offset, currentLeaderEpoch, maxBytes }: FetchPartition,
  { left, isFirst, isReadCommitted }: { left: number; isFirst: boolean; isReadCommitted: boolean },
  broker: BrokerContext,
): PartitionAnswer {
  const answer = (error: ErrorCode, log: PartitionLog | null = null, records = noRecords) => ({
    error,
    log,
    records,
    aborted: isReadCommitted && log !== null && !log.isClosed ? log.abortedSince(offset) : null,
  })
  try {
    const log = broker.topics.get(topic)?.partition(partition) ?? null
    if (log === null) return answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if (currentLeaderEpoch > leaderEpoch) return answer(ErrorCode.UNKNOWN_LEADER_EPOCH)
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch < leaderEpoch)
      return answer(ErrorCode.FENCED_LEADER_EPOCH)
    if (!(offset >= log.startOffset && offset <= log.endOffset)) return answer(ErrorCode.OFFSET_OUT_OF_RANGE)
    const end = isReadCommitted ? log.lastStableOffset : log.endOffset
    if (offset >= end || (left <= 0 && !isFirst)) return answer(ErrorCode.NONE, log)
    const bytes = Math.min(maxBytes, left)
    const records = isReadCommitted
      ? log.readStable(offset, bytes, isFirst)
      : log.read(offset, bytes, isFirst)
    return answer(ErrorCode.NONE, log, records)
  } catch (error) {
    return answer(errorCodeOf(error, broker))
  }
}

/** Resolves when enough was appended, the time is over, a log is gone, or the client is. */
function waitForBytes(
  { maxWaitMs, minBytes, isReadCommitted, partitions: asked }: FetchRequest,
  { partitions, bytes }: Answers,
  { onDisconnect }: ApiRequest,
): Promise<void> {
  return new Promise((resolve) => {
    let missing = minBytes - bytes
    const stops: (() => void)[] = []
    const timer = setTimeout(finish, maxWaitMs)
    for (const [at, { log }] of partitions.entries()) {
      if (log !== null)
        stops.push(
          log.subscribe((appended) => {
            // What comes behind an open transaction cannot be read yet.
            if (isReadCommitted && appended > 0 && log.lastStableOffset <= asked[at]!.offset) return
            missing -= appended
            if (appended === 0 || missing <= 0) finish()
          }),
        )
    }
    stops.push(onDisconnect(finish))

    function finish(): void {
      clearTimeout(timer)
      for (const stop of stops) stop()
      resolve()
    }
  })
}

function writeAnswers(
  { version, respond }: ApiRequest,
  { partitions }: FetchRequest,
  answers: Answers,
): ResponseWriter {
  const writer = respond(64 + partitions.length * 80)
  writer.int32(0)
  if (version >= 7) writer.int16(ErrorCode.NONE).int32(0)
  writer.array(groupByTopic(partitions), (_, { topic, indexes }) => {
    writer.string(topic).array(indexes, (_, at) => {
      writePartition(writer, version, partitions[at]!.partition, answers.partitions[at]!)
    })
    writer.tags()
  })
  return writer.tags()
}

function writePartition(
  writer: ResponseWriter,
  version: number,
  partition: number,
  { error, log, records, aborted }: PartitionAnswer,
): void {
  writer
    .int32(partition)
    .int16(error)
    .int64(log?.endOffset ?? -1)
    .int64(log?.lastStableOffset ?? -1)
  if (version >= 5) writer.int64(log?.startOffset ?? -1)
  writer.array(aborted, (_, { producerId, firstOffset }) => {
    writer.int64(producerId).int64(firstOffset).tags()
  })
  if (version >= 11) writer.int32(-1)
  writer.records(records).tags()
}

function groupByTopic(partitions: readonly FetchPartition[]): { topic: string; indexes: number[] }[] {
  const groups: { topic: string; indexes: number[] }[] = []
  for (const [at, { topic }] of partitions.entries()) {
    const last = groups.at(-1)
    if (last?.topic === topic) last.indexes.push(at)
    else groups.push({ topic, indexes: [at] })
  }
  return groups
}
