import { describe, expect, test } from 'vitest'
import { runVector } from '../../src/vectors/run-vector.ts'
import { findSuite } from '../../src/vectors/suites.ts'
import { loadVectors } from '../vectors/suite-vectors.ts'

for (const name of ['values', 'converters']) {
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

describe('recorded answers of Kafka Connect: transforms', () => {
  const names = /^(InsertField|HoistField|RegexRouter|TopicNameMatches|HasHeaderKey|Filter)\b/
  const vectors = loadVectors('transforms').filter((vector) => names.test(vector.name))
  test.runIf(vectors.length > 0)(`are given in all ${vectors.length} cases of what is there`, async () => {
    const suite = await findSuite('transforms')
    const failures = []
    for (const vector of vectors) {
      const { pass, expected, got } = await runVector(vector, suite)
      if (!pass) failures.push({ name: vector.name, expected, got })
    }
    expect(failures).toEqual([])
  })
})
