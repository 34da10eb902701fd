import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface TestVector {
  readonly suite: string
  readonly name: string
  readonly input: never
  readonly expect: never
}

/** Recorded answers of Kafka Connect, one file of JSON lines per suite. */
export const vectorsFolder = fileURLToPath(new URL('../fixtures/vectors/', import.meta.url))

export function loadVectors(suite: string): readonly TestVector[] {
  const lines = readFileSync(`${vectorsFolder}${suite}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as TestVector)
}
