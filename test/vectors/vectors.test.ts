import { describe, expect, test } from 'vitest'
import { runVector } from '../../src/vectors/run-vector.ts'
import { findSuite } from '../../src/vectors/suites.ts'
import { loadVectors } from './suite-vectors.ts'

for (const name of ['properties', 'partitioner', 'offsets-file', 'config']) {
  describe(`recorded answers of Kafka Connect: ${name}`, () => {
    const vectors = loadVectors(name)
    test.runIf(vectors.length > 0)(`are given in all ${vectors.length} cases`, async () => {
      const suite = await findSuite(name)
      const failures = []
      for (const vector of vectors) {
        const { pass, expected, got } = await runVector(vector, suite)
        if (!pass) failures.push({ name: vector.name, expected, got })
      }
      expect(failures).toEqual([])
    })
  })
}
