import { describe, test } from 'vitest'
import { forSeeds } from '../support/arbitrary.ts'
import { converters, fuzzBytes, readAndWrite } from '../support/fuzz-converters.ts'

describe('bytes of any kind are read or refused with a DataError', () => {
  for (const [name, configured] of Object.entries(converters)) {
    test(name, () => {
      forSeeds(2000, (arbitrary) => readAndWrite(configured, fuzzBytes(arbitrary)))
    })
  }
})
