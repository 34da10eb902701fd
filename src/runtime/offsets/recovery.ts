import type { Logger } from '../../util/logger.ts'
import { OffsetFileError } from './errors.ts'
import { isJavaOffsets, parseJavaOffsets, type JavaEntry } from './java-offsets.ts'
import { decodeJournal, journalVersion, type DecodedJournal } from './journal-format.ts'

export interface StoredBytes {
  /** null: there is no such file. */
  readonly main: Buffer | null
  readonly previous: Buffer | null
}

export interface Recovered {
  readonly entries: Map<string, string | null>
  /** Name of the worker and number of the generation, if a header tells them. */
  readonly worker: string | null
  readonly generation: number
  readonly lastSeq: number
  /**
   * What has to happen before the journal can be used: go on behind `intactLength` (adding a line end where one is
   * missing), or write a new generation, keeping a copy of what is there under `keepAs`.
   */
  readonly next:
    | { readonly kind: 'append'; readonly intactLength: number; readonly lacksLineEnd: boolean }
    | { readonly kind: 'rewrite'; readonly keepAs: 'damaged' | 'java.bak' | null }
}

interface Situation {
  readonly path: string
  readonly log: Logger
  readonly acceptLostOffsets: boolean
}

/**
 * Works out the offsets from what is in the files. Whatever is lost or doubtful is logged; where there was something and
 * nothing can be had from it, throws OffsetFileError unless lost offsets are accepted. Only a file that is missing or
 * empty, with no previous generation, is a fresh start.
 */
export function recover(bytes: StoredBytes, situation: Situation): Recovered {
  const { main } = bytes
  if (main === null || main.length === 0) return fromPrevious(bytes, situation)
  if (isJavaOffsets(main)) return fromJava(main, situation)
  return fromJournal(main, bytes, situation)
}

function fromPrevious(
  { main, previous }: StoredBytes,
  { path, log, acceptLostOffsets }: Situation,
): Recovered {
  if (previous === null) return rewrite(new Map(), null)
  const decoded = decodeJournal(previous)
  const entries = newestEntries(decoded)
  const state = main === null ? 'is missing' : 'is empty'
  if (decoded.header === null && entries.size === 0) {
    refuse(acceptLostOffsets, `The offset file ${path} ${state}, and nothing in ${path}.1 can be read.`)
  }
  log.error(
    `The offset file ${path} ${state}. ${entries.size} offsets come from its previous generation ${path}.1, which may ` +
      'be behind: some records may be delivered again. For a fresh start, stop the worker and remove both files.',
  )
  return rewrite(entries, decoded)
}

function fromJava(main: Buffer, { path, log, acceptLostOffsets }: Situation): Recovered {
  let found
  try {
    found = parseJavaOffsets(main)
  } catch (thrown) {
    const problem = (thrown as Error).message
    refuse(
      acceptLostOffsets,
      `The offset file ${path} was written by Java, but is no offset file: ${problem}.`,
    )
    return rewrite(new Map(), null, 'java.bak')
  }
  const { isTruncated, entries, salvageable, announced } = found
  if (isTruncated) {
    const names = salvageable.slice(0, 5).map(([key]) => key)
    const more = salvageable.length > names.length ? ', ...' : ''
    const list = names.length === 0 ? '' : `: ${names.join(', ')}${more}`
    refuse(
      acceptLostOffsets,
      `The offset file ${path} of Kafka Connect is cut short: ${salvageable.length} of ${announced ?? 'an unknown number of'} ` +
        `offsets can be saved${list}. (Kafka Connect would start without any.)`,
    )
  }
  const imported = new Map<string, string | null>()
  for (const [key, value] of isTruncated ? salvageable : entries) setJavaEntry(imported, [key, value], log)
  log.info(
    `Imported ${imported.size} offsets of Kafka Connect from ${path}. The original is kept as ${path}.java.bak.`,
  )
  return rewrite(imported, null, 'java.bak')
}

function setJavaEntry(entries: Map<string, string | null>, [key, value]: JavaEntry, log: Logger): void {
  if (key !== null) entries.set(key, value)
  else log.warn(`An offset without key (${value}) was left out: no connector can find it.`)
}

function fromJournal(main: Buffer, { previous }: StoredBytes, situation: Situation): Recovered {
  const { path, log, acceptLostOffsets } = situation
  const decoded = decodeJournal(main)
  refuseNewerVersion(decoded, path)
  if (decoded.header === null && decoded.lines.length === 0) {
    if (previous !== null) return afterTotalLoss(previous, situation)
    refuse(acceptLostOffsets, `Nothing in the offset file ${path} (${main.length} bytes) can be read.`)
    return rewrite(new Map(), null, 'damaged')
  }
  const entries = newestEntries(decoded)
  if (decoded.isTorn) {
    log.warn(
      `The offset file ${path} ends in the middle of a line: ${main.length - decoded.intactLength} bytes were cut off. ` +
        'Writing them was interrupted; offsets before them are complete.',
    )
  }
  if (decoded.damage.length === 0) {
    const { intactLength } = decoded
    const lacksLineEnd = !decoded.isTorn && intactLength < main.length
    const next = {
      kind: 'append',
      intactLength: lacksLineEnd ? main.length : intactLength,
      lacksLineEnd,
    } as const
    return { ...identity(decoded), entries, next }
  }
  const added = addFromPrevious(entries, previous)
  if (entries.size === 0) {
    refuse(
      acceptLostOffsets,
      `The offset file ${path} is damaged (${damageText(decoded)}), and no offset in it is left.`,
    )
  }
  log.error(
    `The offset file ${path} is damaged: ${damageText(decoded)}. ${entries.size} offsets are intact` +
      `${added > 0 ? `, ${added} of them from the previous generation ${path}.1` : ''}; those of damaged lines may be ` +
      `behind, so that some records may be delivered again. The damaged file is kept as ${path}.damaged.`,
  )
  return rewrite(entries, decoded, 'damaged')
}

function afterTotalLoss(previous: Buffer, { path, log, acceptLostOffsets }: Situation): Recovered {
  const decoded = decodeJournal(previous)
  const entries = newestEntries(decoded)
  if (entries.size === 0)
    refuse(acceptLostOffsets, `Nothing in the offset file ${path} and in ${path}.1 can be read.`)
  log.error(
    `Nothing in the offset file ${path} can be read. ${entries.size} offsets come from its previous generation ` +
      `${path}.1, which may be behind: some records may be delivered again. The file is kept as ${path}.damaged.`,
  )
  return rewrite(entries, decoded, 'damaged')
}

function refuse(acceptLostOffsets: boolean, problem: string): void {
  if (acceptLostOffsets) return
  throw new OffsetFileError(
    `${problem} The worker does not start, because connectors would begin again from the start. Put a good copy of the ` +
      'file in its place, or start with --accept-lost-offsets to go on with what is left.',
  )
}

function refuseNewerVersion({ header }: DecodedJournal, path: string): void {
  if (header === null || header.version <= journalVersion) return
  throw new OffsetFileError(
    `The offset file ${path} has format ${header.version}, but this version of tsconnect knows formats up to ` +
      `${journalVersion}. Use the newer version that wrote it.`,
  )
}

function newestEntries({ lines }: DecodedJournal): Map<string, string | null> {
  const entries = new Map<string, string | null>()
  for (const { set } of lines) for (const [key, value] of set) entries.set(key, value)
  return entries
}

function addFromPrevious(entries: Map<string, string | null>, previous: Buffer | null): number {
  if (previous === null) return 0
  const before = entries.size
  for (const [key, value] of newestEntries(decodeJournal(previous)))
    if (!entries.has(key)) entries.set(key, value)
  return entries.size - before
}

function damageText({ damage }: DecodedJournal): string {
  const shown = damage.slice(0, 5).join('; ')
  return damage.length > 5 ? `${shown}; and ${damage.length - 5} more` : shown
}

function identity(decoded: DecodedJournal | null) {
  return {
    worker: decoded?.header?.worker ?? null,
    generation: decoded?.header?.generation ?? 0,
    lastSeq: decoded?.lines.at(-1)?.seq ?? 0,
  }
}

function rewrite(
  entries: Map<string, string | null>,
  decoded: DecodedJournal | null,
  keepAs: 'damaged' | 'java.bak' | null = null,
): Recovered {
  return { ...identity(decoded), entries, next: { kind: 'rewrite', keepAs } }
}
