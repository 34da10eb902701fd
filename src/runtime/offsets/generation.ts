import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AppendFile, readIfThere, removeIfThere, syncFolder, type FileLayer } from './journal-file.ts'
import { encodeBatch, encodeHeader, journalVersion } from './journal-format.ts'

export interface GenerationSpec {
  readonly path: string
  readonly worker: string
  readonly generation: number
  readonly at: number
}

export interface NewGeneration {
  readonly file: AppendFile
  /** Of its last line. */
  readonly seq: number
}

const sliceBytes = 128 * 1024

export function temporaryPath(path: string): string {
  return `${path}.new`
}

/** Writes all entries to a new file beside the journal, in slices between which other work gets its turn. */
export async function writeGeneration(
  files: FileLayer,
  { path, worker, generation, at }: GenerationSpec,
  entries: readonly (readonly [string, string | null])[],
): Promise<NewGeneration> {
  const file = new AppendFile(files, files.openSync(temporaryPath(path), 'w', modeOf(path)), 0)
  try {
    return { file, seq: await fill(file, { path, worker, generation, at }, entries) }
  } catch (thrown) {
    discardGeneration(files, path, file)
    throw thrown
  }
}

/**
 * Writes a generation in the place of what is damaged, empty or foreign, which is no previous one to come back to. Where
 * the folder does not allow new files, or the file is a mount of its own, it is written over in place.
 */
export async function replaceGeneration(
  files: FileLayer,
  spec: GenerationSpec,
  entries: readonly (readonly [string, string | null])[],
): Promise<NewGeneration> {
  let next: NewGeneration | null = null
  try {
    next = await writeGeneration(files, spec, entries)
    await next.file.sync()
    installGeneration(files, spec.path, false)
    await syncNames(files, spec.path)
    return next
  } catch (thrown) {
    if (!['EACCES', 'EPERM', 'EBUSY', 'EXDEV'].includes((thrown as NodeJS.ErrnoException).code ?? ''))
      throw thrown
    if (next !== null) discardGeneration(files, spec.path, next.file)
    const file = new AppendFile(files, files.openSync(spec.path, 'r+'), 0)
    file.truncate(0)
    const seq = await fill(file, spec, entries)
    await file.sync()
    return { file, seq }
  }
}

async function fill(
  file: AppendFile,
  { worker, generation, at }: GenerationSpec,
  entries: readonly (readonly [string, string | null])[],
): Promise<number> {
  let slice = [encodeHeader({ version: journalVersion, worker, generation, entries: entries.length })]
  let size = 0
  for (const [index, entry] of entries.entries()) {
    const line = encodeBatch({ seq: index + 1, at, set: [entry] })
    slice.push(line)
    size += line.length
    if (size < sliceBytes) continue
    file.append(Buffer.concat(slice))
    slice = []
    size = 0
    await setImmediate()
  }
  file.append(Buffer.concat(slice))
  return entries.length
}

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666) & 0o777
}

export function discardGeneration(files: FileLayer, path: string, file: AppendFile): void {
  file.close()
  removeIfThere(files, temporaryPath(path))
}

/** Puts the new file, whose bytes are durable, in the place of the journal. With `keepPrevious` the old one becomes `.1`. */
export function installGeneration(files: FileLayer, path: string, keepPrevious: boolean): void {
  if (keepPrevious) keepAsPrevious(files, path)
  files.renameSync(temporaryPath(path), path)
}

export function syncNames(files: FileLayer, path: string): Promise<void> {
  return syncFolder(files, dirname(path))
}

/** By a second name, so that the journal's own is there at every moment; by renaming where files have one name only. */
function keepAsPrevious(files: FileLayer, path: string): void {
  const previous = `${path}.1`
  const second = `${path}.1.new`
  removeIfThere(files, second)
  try {
    files.linkSync(path, second)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code !== 'ENOENT') files.renameSync(path, previous)
    return
  }
  files.renameSync(second, previous)
  // Renaming one name of a file to another of the same file does nothing.
  removeIfThere(files, second)
}

/**
 * Copies a file that is about to be replaced, and returns when the copy is durable: replacing may be, before. A copy with
 * the same content is not made twice.
 */
export async function keepCopy(files: FileLayer, path: string, bytes: Buffer, suffix: string): Promise<void> {
  for (let number = 1; ; number++) {
    const copy = join(dirname(path), `${basename(path)}.${suffix}${number === 1 ? '' : `.${number}`}`)
    const there = readIfThere(files, copy)
    if (there !== null && !there.equals(bytes)) continue
    if (there === null) files.copyFileSync(path, copy)
    const file = new AppendFile(files, files.openSync(copy, 'r+'), bytes.length)
    try {
      await file.sync()
    } finally {
      file.close()
    }
    return syncNames(files, path)
  }
}
