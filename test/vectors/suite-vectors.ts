import { existsSync, readFileSync } from 'node:fs'
import { test } from 'vitest'

export interface TestVector {
  readonly suite: string
  readonly name: string
  readonly input: never
  readonly expect: never
}

/** The recorded answers of Kafka Connect, which lie beside a checkout; without them the tests are skipped by name. */
export function loadVectors(suite: string): readonly TestVector[] {
  const file = new URL(`../../../shared/vectors/${suite}.jsonl`, import.meta.url)
  if (!existsSync(file)) {
    test.skip(`no vectors at ${file.pathname}`, () => {})
    return []
  }
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as TestVector)
}
