import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** Writes so many lines of so many bytes, each beginning with its number in nine digits. */
export async function writeNumberedLines(file: string, count: number, bytes = 100): Promise<void> {
  const stream = createWriteStream(file)
  const filler = 'x'.repeat(bytes - 11)
  for (let from = 0; from < count; from += 10_000) {
    let text = ''
    for (let i = from; i < Math.min(count, from + 10_000); i++)
      text += `${String(i).padStart(9, '0')} ${filler}\n`
    stream.write(text)
  }
  stream.end()
  await finished(stream)
}

/** The number that a line of `writeNumberedLines` begins with. */
export function lineNumber(value: Buffer | null): number {
  return Number(value?.toString('latin1', 0, 9) ?? Number.NaN)
}
