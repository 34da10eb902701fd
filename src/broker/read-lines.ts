import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 1_048_576
const newline = 10

/**
 * Gives the lines of a file one after the other, however large it is: a text cannot hold all that a file can. Returns
 * the length of what stands behind the last line end, or null where there is no such file.
 */
export function readLines(path: string, onLine: (line: string) => void): number | null {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let begun: Buffer[] = []
    for (let position = 0; ;) {
      const length = readSync(fd, chunk, 0, chunk.length, position)
      if (length === 0) break
      position += length
      let from = 0
      for (let end = chunk.indexOf(newline); end >= 0 && end < length; end = chunk.indexOf(newline, from)) {
        begun.push(chunk.subarray(from, end))
        onLine(begun.length === 1 ? begun[0]!.toString('utf8') : Buffer.concat(begun).toString('utf8'))
        begun = []
        from = end + 1
      }
      if (from < length) begun.push(Buffer.from(chunk.subarray(from, length)))
    }
    return begun.reduce((sum, part) => sum + part.length, 0)
  } finally {
    closeSync(fd)
  }
}
