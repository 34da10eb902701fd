import { writeSync } from 'node:fs'

type Write = (bytes: Uint8Array, from: number) => number

/**
 * Writes lines to stderr, each as a whole: throws when it cannot be written. What of a line was written before that is
 * ended ahead of the next one.
 */
export function stderrLines(
  write: Write = (bytes, from) => writeSync(2, bytes, from),
): (line: string) => void {
  let isTorn = false
  return (line) => {
    const bytes = Buffer.from(isTorn ? `\n${line}` : line)
    for (let done = 0; done < bytes.length; isTorn = done < bytes.length) done += write(bytes, done)
  }
}
