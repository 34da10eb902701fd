import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runVector } from '../../src/vectors/run-vector.ts'
import { findSuite } from '../../src/vectors/suites.ts'
import { loadVectors, vectorsFolder } from './suite-vectors.ts'

const suites = readdirSync(vectorsFolder).map((file) => file.replace('.jsonl', ''))

describe('recorded answers of Kafka Connect', () => {
  test('are there for every suite', () => {
    expect(suites.sort()).toEqual([
      'config',
      'converters',
      'offsets-file',
      'partitioner',
      'properties',
      'transforms',
      'values',
    ])
  })

  for (const name of suites) {
    const vectors = loadVectors(name)
    test(`${name}: are given in all ${vectors.length} cases`, async () => {
      const suite = await findSuite(name)
      const failures = []
      for (const vector of vectors) {
        const { pass, expected, got } = await runVector(vector, suite)
        if (!pass) failures.push({ name: vector.name, expected, got })
      }
      expect(failures).toEqual([])
    })
  }
})
