import { crc32c } from '../protocol/crc32c.ts'

/** A line of JSON behind its CRC-32C in eight hex digits, so that a damaged line is known as one. */
export function toChecksummedLine(value: unknown): string {
  const json = JSON.stringify(value)
  return `${checksum(json)} ${json}\n`
}

/** What the line holds, or undefined where it is not what was written. */
export function fromChecksummedLine(line: string): unknown {
  const json = line.slice(9)
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function checksum(json: string): string {
  return crc32c(Buffer.from(json)).toString(16).padStart(8, '0')
}
