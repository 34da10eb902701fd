import { readFileSync } from 'node:fs'

/** The committed position of a file source, read from the offset journal; 0 while there is none. */
export function committedPosition(journal: string): number {
  let text = ''
  try {
    text = readFileSync(journal, 'latin1')
  } catch {
    return 0
  }
  const positions = [...text.matchAll(/\\"position\\":(\d+)/g)]
  return Number(positions.at(-1)?.[1] ?? 0)
}
