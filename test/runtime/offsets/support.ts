import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { OffsetJournal, type JournalOptions } from '../../../src/runtime/offsets/journal.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offsets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A logger whose lines can be looked at. */
export function recordingLog() {
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => void lines.push(line)), 'offsets')
  return { log, lines }
}

/** Opens a journal that is closed at the end of the test. */
export async function openJournal(
  path: string,
  options: Partial<JournalOptions> = {},
): Promise<OffsetJournal> {
  const journal = await OffsetJournal.open(path, { log: recordingLog().log, ...options })
  onTestFinished(() => journal.close().catch(() => {}))
  return journal
}

export const key = (name: string) => `["files",{"filename":"${name}"}]`
export const position = (at: number) => `{"position":${at}}`
