import type { Readable } from 'node:stream'

/**
 * The lines of a stream, all of a chunk at once, without their line feeds; a carriage return belongs to its line. A last
 * line without end counts. Throws for a line of more than `maxBytes`.
 */
export async function* linesOf(input: Readable, maxBytes: number): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  let count = 0
  const take = (piece: Buffer) => {
    begunBytes += piece.length
    if (begunBytes > maxBytes) throw new Error(`line ${count + 1} is longer than ${maxBytes} bytes`)
    if (piece.length > 0) begun.push(piece)
  }
  const end = () => {
    const line = begun.length === 1 ? begun[0]! : Buffer.concat(begun)
    begun = []
    begunBytes = 0
    count++
    return line
  }
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const lines: Buffer[] = []
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, at))
      lines.push(end())
      start = at + 1
    }
    take(chunk.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (begun.length > 0) yield [end()]
}
