import { KafkaError } from '../../errors.ts'
import type { CommandIo } from '../kafka/io.ts'
import { parseStart, startOffset } from '../kafka/offset-option.ts'
import { checkTopic, type ClientOptions, extentOf, inSession, type Session } from '../kafka/session.ts'
import { printRows } from '../kafka/table.ts'
import { UsageError } from '../kafka/usage-error.ts'
import { partitionOf } from '../kafka/line-record.ts'

export interface GroupsOptions extends ClientOptions {
  readonly json?: boolean
}

export async function listGroups(options: GroupsOptions, io: CommandIo): Promise<number> {
  return inSession('groups', options, io, () => async ({ admin }) => {
    const groups = [...(await admin.listGroups())].sort((a, b) => (a.group < b.group ? -1 : 1))
    await printRows(
      groups.map(({ group, state, protocolType }) => ({ group, state, protocol: protocolType || null })),
      io.stdout,
      options,
    )
    if (groups.length === 0 && io.stdout.isTerminal) io.say('There are no groups.')
    return 0
  })
}

/** What the group has committed, and how far that is from the end. */
export async function describeGroup(group: string, options: GroupsOptions, io: CommandIo): Promise<number> {
  return inSession('groups', options, io, () => async (session) => {
    await checkGroup(session, group)
    const offsets = [...(await session.admin.listConsumerGroupOffsets(group))]
    offsets.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    const ends = await endsOf([...new Set(offsets.map(({ topic }) => topic))], session)
    const rows = offsets.map(({ topic, partition, offset }) => {
      const end = ends.get(topic)?.[partition] ?? null
      return { topic, partition, offset, end, lag: end === null ? null : Math.max(0, end - offset) }
    })
    await printRows(rows, io.stdout, options)
    if (rows.length === 0) io.say(`Group ${group} has committed nothing.`)
    return 0
  })
}

export async function deleteGroup(
  group: string,
  { yes = false, ...options }: GroupsOptions & { readonly yes?: boolean },
  io: CommandIo,
): Promise<number> {
  return inSession('groups', options, io, () => async (session) => {
    await checkGroup(session, group)
    if (!yes)
      throw new UsageError(
        `Group ${group} would be deleted, with its offsets. Nothing was done: --yes does it.`,
      )
    await whileEmpty(group, () => session.admin.deleteConsumerGroup(group))
    io.say(`Group ${group} was deleted.`)
    return 0
  })
}

export interface ResetOptions extends GroupsOptions {
  readonly topic: string
  readonly to: string
  readonly partition?: string
  readonly yes?: boolean
}

/** Sets the group's offsets in a topic; without --yes it only says what they would be. */
export async function resetGroup(group: string, options: ResetOptions, io: CommandIo): Promise<number> {
  return inSession('groups', options, io, () => {
    const { topic, yes = false } = options
    const to = parseStart(options.to)
    const only = options.partition === undefined ? null : partitionOf(options.partition)
    return async (session) => {
      const { admin } = session
      await checkTopic(session, topic, only)
      const committed = await admin.listConsumerGroupOffsets(group)
      const extent = await extentOf(session, topic)
      const rows = extent
        .map((range, partition) => {
          const before = committed.find((each) => each.topic === topic && each.partition === partition)
          return { topic, partition, from: before?.offset ?? null, to: startOffset(to, range) }
        })
        .filter(({ partition }) => only === null || partition === only)
      await printRows(rows, io.stdout, options)
      if (!yes) throw new UsageError(`Nothing was done: --yes sets these offsets of group ${group}.`)
      const offsets = rows.map(({ partition, to: offset }) => ({ topic, partition, offset }))
      await whileEmpty(group, () => admin.alterConsumerGroupOffsets(group, offsets))
      io.say(`The offsets of group ${group} were set.`)
      return 0
    }
  })
}

async function checkGroup({ admin }: Session, group: string): Promise<void> {
  const groups = await admin.listGroups()
  if (!groups.some((each) => each.group === group)) throw new UsageError(`There is no group ${group}.`)
}

/** Topics that are gone are left out. */
async function endsOf(topics: readonly string[], session: Session): Promise<Map<string, readonly number[]>> {
  const ends = new Map<string, readonly number[]>()
  const known = await session.admin.describeTopics(topics)
  for (const topic of known.keys())
    ends.set(
      topic,
      (await extentOf(session, topic)).map(({ end }) => end),
    )
  return ends
}

async function whileEmpty(group: string, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    const codes = ['NON_EMPTY_GROUP', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION']
    if (!(error instanceof KafkaError) || !codes.includes(error.code ?? '')) throw error
    throw new KafkaError(`Group ${group} has members, so nothing was changed. Stop them first.`, {
      code: error.code,
      cause: error,
    })
  }
}
