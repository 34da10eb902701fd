import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'

const linesPerWrite = 1000

/** Writes numbered lines, each `lineBytes` long without its line feed; gives the file's path. */
export async function writeLines(folder: string, lineBytes: number, count: number): Promise<string> {
  const path = join(folder, `lines-${lineBytes}-${count}.txt`)
  const out = createWriteStream(path)
  const padding = 'abcdefghij'.repeat(Math.ceil(lineBytes / 10))
  for (let from = 0; from < count; from += linesPerWrite) {
    let text = ''
    for (let n = from; n < Math.min(count, from + linesPerWrite); n++) {
      text += `${String(n).padStart(10, '0')} ${padding}`.slice(0, lineBytes) + '\n'
    }
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return path
}
