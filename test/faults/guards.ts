/** What notices that a guard is gone: tests of one file, or a case of the bench on the embedded broker. */
export type Proof = { readonly test: string } | { readonly fault: string }

/** A few words of the product without which records are lost, repeated, reordered or pile up. */
export interface Guard {
  readonly name: string
  /** What it is for, as docs/reliability.md says it. */
  readonly keeps: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** Every one of these notices. */
  readonly proofs: readonly Proof[]
}

const journal: readonly Guard[] = [
  {
    name: 'journal-fsync',
    keeps: 'an offset that was flushed outlives a power cut',
    file: 'src/runtime/offsets/journal.ts',
    find: 'await this.#file.sync()',
    replace: 'await Promise.resolve()',
    proofs: [{ test: 'test/runtime/offsets/power-loss.test.ts' }],
  },
  {
    name: 'journal-fsync-new-generation',
    keeps: 'a compacted journal is durable before it takes the place of the old one',
    file: 'src/runtime/offsets/journal.ts',
    find: 'await next.file.sync()',
    replace: 'await Promise.resolve()',
    proofs: [{ test: 'test/runtime/offsets/power-loss.test.ts' }],
  },
  {
    name: 'folder-fsync',
    keeps: 'the new name of a compacted journal outlives a power cut',
    file: 'src/runtime/offsets/journal.ts',
    find: 'await syncNames(this.#files, this.path)',
    replace: 'await Promise.resolve()',
    proofs: [{ test: 'test/runtime/offsets/power-loss.test.ts' }],
  },
  {
    name: 'journal-checksum',
    keeps: 'a damaged line is noticed and not taken for an offset',
    file: 'src/runtime/offsets/journal-format.ts',
    find: 'checksum(line, bodyStart, line.length)',
    replace: "line.toString('latin1', linePrefix.length, linePrefix.length + 8)",
    proofs: [{ test: 'test/runtime/offsets/damage.test.ts' }],
  },
  {
    name: 'previous-generation-kept',
    keeps: 'there is something to come back to when the journal is lost',
    file: 'src/runtime/offsets/generation.ts',
    find: 'if (keepPrevious) keepAsPrevious(files, path)',
    replace: 'void keepPrevious',
    proofs: [{ test: 'test/runtime/offsets/journal.test.ts' }],
  },
  {
    name: 'previous-generation-asked',
    keeps: 'a key without an intact line gets its older offset, not none',
    file: 'src/runtime/offsets/recovery.ts',
    find: 'addFromPrevious(entries, previous)\n',
    replace: 'addFromPrevious(entries, null)\n',
    proofs: [{ test: 'test/runtime/offsets/recovery.test.ts' }],
  },
  {
    name: 'doubt-after-failed-sync',
    keeps: 'after a failed sync the journal is written anew',
    file: 'src/runtime/offsets/journal.ts',
    find: 'if (this.#isDoubtful) return this.#compact()',
    replace: '',
    proofs: [{ test: 'test/runtime/offsets/journal.test.ts' }],
  },
]

const source: readonly Guard[] = [
  {
    name: 'acknowledged-only',
    keeps: 'no offset is stored ahead of a record that Kafka does not have',
    file: 'src/runtime/submitted-records.ts',
    find: 'if (record.unacked > 0) break',
    replace: '',
    proofs: [{ fault: 'source-kill' }],
  },
  {
    name: 'one-in-flight-without-numbers',
    keeps: 'order across retries without idempotence',
    file: 'src/kafka/sender.ts',
    find: 'this.#identities === null ? 1 : this.#maxInFlight',
    replace: 'this.#maxInFlight',
    proofs: [{ test: 'test/kafka/producer.test.ts' }],
  },
  {
    name: 'same-number-again',
    keeps: 'a batch that is sent again is known to the broker',
    file: 'src/kafka/partition-queue.ts',
    find: 'this.identity === null || batch.sequence >= 0',
    replace: 'this.identity === null',
    proofs: [{ test: 'test/kafka/idempotence.test.ts' }, { fault: 'network' }],
  },
  {
    name: 'first-alone-after-failure',
    keeps: 'order when the broker has forgotten the producer',
    file: 'src/kafka/partition-queue.ts',
    find: 'if (this.inFlight > 0 && goesAlone) return null',
    replace: '',
    proofs: [{ test: 'test/kafka/idempotence.test.ts' }],
  },
  {
    name: 'one-leader-at-a-time',
    keeps: 'order and completeness when another broker leads',
    file: 'src/kafka/sender.ts',
    find: 'queue.connection !== connection ? null',
    replace: 'queue.connection !== connection && false ? null',
    proofs: [{ test: 'test/kafka/idempotence.test.ts' }],
  },
  {
    name: 'retry-of-lost-connection',
    keeps: 'records whose answer was lost are sent again',
    file: 'src/kafka/verdicts.ts',
    find: 'error instanceof KafkaError && error.retriable)',
    replace: 'false)',
    proofs: [{ fault: 'network' }],
  },
  {
    name: 'producer-back-pressure',
    keeps: 'buffer.memory bounds what waits for a broker',
    file: 'src/kafka/producer.ts',
    find: 'return this.#bufferedBytes < this.#settings.bufferMemory',
    replace: 'return true',
    proofs: [{ test: 'test/kafka/producer.test.ts' }, { fault: 'broker-restart' }],
  },
  {
    name: 'source-waits-for-room',
    keeps: 'a source is not asked for more than the producer has room for',
    file: 'src/runtime/at-least-once-delivery.ts',
    find: 'producer.send(sendable, submitted) ? null : producer.ready()',
    replace: '(producer.send(sendable, submitted), null)',
    proofs: [{ test: 'test/runtime/source-task-runner.test.ts' }, { fault: 'broker-restart' }],
  },
]

const sink: readonly Guard[] = [
  {
    name: 'commit-inside-revoke',
    keeps: 'what was delivered does not come again after an orderly rebalance',
    file: 'src/runtime/sink-task-runner.ts',
    find: 'await this.#commit(this.#positionsOf(partitions), true)',
    replace: 'await this.#task?.close?.(partitions)',
    proofs: [{ test: 'test/runtime/sink-task-runner.test.ts' }, { fault: 'rebalance' }],
  },
  {
    name: 'delivered-only',
    keeps: 'no offset is committed of a batch that the sink has refused',
    file: 'src/runtime/sink-task-runner.ts',
    find: '({ topic, partition, offset: current }))',
    replace:
      '({ topic, partition, offset: Math.max(current, this.#positions.get(`${topic}-${partition}`)!.consumed) }))',
    proofs: [{ test: 'test/runtime/sink-task-runner.test.ts' }, { fault: 'refusing-sink' }],
  },
  {
    name: 'fenced-member-starts-anew',
    keeps: 'a member thrown out of its group gives its partitions up and joins again',
    file: 'src/kafka/group-member.ts',
    find: 'this.#generation = -1\n    this.needsJoin = true\n    this.#stopHeartbeats()',
    replace: 'this.#stopHeartbeats()',
    proofs: [{ test: 'test/kafka/consumer.test.ts' }],
  },
  {
    name: 'commit-of-old-generation',
    keeps: 'the embedded broker refuses commits of a former member',
    file: 'src/broker/groups/group.ts',
    find: "ErrorCode.ILLEGAL_GENERATION\n    if (this.#state === 'CompletingRebalance')",
    replace: "ErrorCode.NONE\n    if (this.#state === 'CompletingRebalance')",
    proofs: [{ test: 'test/broker/groups/group-coordinator.test.ts' }],
  },
  {
    name: 'heartbeat-during-put',
    keeps: 'a slow put() does not cost the membership',
    file: 'src/kafka/group-member.ts',
    find: 'if (this.#isBeating || this.#isClosed) return',
    replace: 'if (this.#isBeating || this.#isClosed || this.#polledAt !== Infinity) return',
    proofs: [{ fault: 'slow-sink' }],
  },
  {
    name: 'fetch-back-pressure',
    keeps: 'fetch.max.bytes bounds what waits for a slow sink',
    file: 'src/kafka/fetcher.ts',
    find: 'if (room <= 0) return',
    replace: '',
    proofs: [{ test: 'test/kafka/fetcher.test.ts' }],
  },
  {
    name: 'fetch-back-pressure-partition',
    keeps: 'max.partition.fetch.bytes bounds what waits of one partition',
    file: 'src/kafka/fetcher.ts',
    find: 'state.bufferedBytes >= this.#settings.maxPartitionBytes ||',
    replace: '',
    proofs: [{ test: 'test/kafka/fetcher.test.ts' }],
  },
  {
    name: 'torn-line',
    keeps: 'half a line of a killed worker does not swallow the next record',
    file: 'src/connectors/file/output.ts',
    find: 'if (mayBeTorn && (await isTorn(handle)))',
    replace: 'if (mayBeTorn && false)',
    proofs: [{ test: 'test/connectors/file/file-sink-task.test.ts' }, { fault: 'sink-kill' }],
  },
  {
    name: 'sink-file-fsync',
    keeps: 'what is committed for a file sink outlives a power cut',
    file: 'src/connectors/file/file-sink-task.ts',
    find: 'await this.#output.sync()',
    replace: '',
    proofs: [{ test: 'test/connectors/file/file-sink-task.test.ts' }],
  },
  {
    name: 'dead-letter-before-commit',
    keeps: 'no offset is committed ahead of a dead letter that is not written yet',
    file: 'src/runtime/sink-task-runner.ts',
    find: 'positions.filter((position) => !errors.isPending(position))',
    replace: 'positions',
    proofs: [{ test: 'test/runtime/errors/sink-task.test.ts' }],
  },
  {
    name: 'exact-file-cut',
    keeps: 'with exactly.once.sink what was written and not committed goes before it comes again',
    file: 'src/connectors/file/exact-file-sink-task.ts',
    find: 'await this.#file.cutTo(checkpoint.length)',
    replace: '',
    proofs: [{ test: 'test/e2e/exact-sink.test.ts' }],
  },
]

const transactions: readonly Guard[] = [
  {
    name: 'offsets-in-transaction',
    keeps: 'offsets are committed with their records, or neither is',
    file: 'src/runtime/exactly-once/transactional-delivery.ts',
    find: 'for (const [key, value] of changes) this.#producer!.send(',
    replace: 'for (const [key, value] of changes.slice(changes.length)) this.#producer!.send(',
    proofs: [{ fault: 'source-kill-exactly-once' }],
  },
  {
    name: 'topic-counts',
    keeps: 'offsets that a killed worker had committed are there before the first record is read',
    file: 'src/runtime/exactly-once/offsets-topic.ts',
    find: "if (verdict === 'topic') file.set(differences(found.topic, found.file))",
    replace: '',
    proofs: [{ test: 'test/runtime/exactly-once/offsets-topic.test.ts' }],
  },
  {
    name: 'lost-offsets-stop',
    keeps: 'a connector whose offsets are gone does not begin again from the start',
    file: 'src/runtime/exactly-once/offsets-topic.ts',
    find: 'if (!acceptLostOffsets) {',
    replace: 'if (false) {',
    proofs: [{ test: 'test/runtime/exactly-once/offsets-topic.test.ts' }],
  },
  {
    name: 'aborted-left-out',
    keeps: 'readers of committed records do not see what was aborted',
    file: 'src/broker/log/log-transactions.ts',
    find: 'if (isCommit) return\n',
    replace: 'return\n',
    proofs: [{ test: 'test/broker/transactions/log-transactions.test.ts' }],
  },
  {
    name: 'last-stable-offset',
    keeps: 'readers of committed records do not see what is still open',
    file: 'src/broker/log/partition-log.ts',
    find: 'at < bytes.length && baseOffsetOf(bytes, at) < end',
    replace: 'at < bytes.length',
    proofs: [{ test: 'test/broker/transactions/log-transactions.test.ts' }],
  },
  {
    name: 'decided-end-carried-out',
    keeps: 'a transaction of which the end was decided is ended so after a kill of the broker',
    file: 'src/broker/transactions/transaction-coordinator.ts',
    find: 'else if (transaction.isEnding)\n        void this.#carryOut(transaction)',
    replace: 'else if (transaction.isEnding)\n        void Promise.resolve()',
    proofs: [{ test: 'test/broker/transactions/transactions.test.ts' }],
  },
]

const stop: readonly Guard[] = [
  {
    name: 'second-signal',
    keeps: 'a second signal ends a stop that takes long',
    file: 'src/cli/signals.ts',
    find: '      if (!isFirst) process.exit(signalCodes[name])\n',
    replace: '',
    proofs: [{ test: 'test/e2e/stop.test.ts' }],
  },
  {
    name: 'drain-on-signal',
    keeps: 'an orderly stop loses and repeats nothing',
    file: 'src/cli/run-standalone.ts',
    find: 'watch?.stop()\n  await worker.stop()',
    replace: 'watch?.stop()',
    proofs: [{ test: 'test/e2e/stop.test.ts' }],
  },
]

export const guards: readonly Guard[] = [...journal, ...source, ...transactions, ...sink, ...stop]

/** As it is called on the command line, or by its path. */
export function nameOf(proof: Proof): string {
  return 'test' in proof ? proof.test : `npm run faults -- ${proof.fault}`
}

/** The file without the guard. Throws where the guard is not found exactly once: the list has to follow the product. */
export function withoutGuard({ name, file, find, replace }: Guard, text: string): string {
  const found = text.split(find).length - 1
  if (found !== 1)
    throw new Error(`The guard ${name} stands ${found} times in ${file} instead of once: ${find}`)
  return text.replace(find, () => replace)
}
