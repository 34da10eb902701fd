import { setImmediate } from 'node:timers/promises'
import { describe, test } from 'vitest'
import { forSeeds } from '../support/arbitrary.ts'
import { converters, fuzzBytes, readAndWrite } from '../support/fuzz-converters.ts'

// Other bytes in every run; a failure names the seed that gives them again.
const first = Date.now() % 2 ** 31

describe(`bytes of any kind are read or refused with a DataError, from seed ${first} on`, () => {
  for (const [name, configured] of Object.entries(converters)) {
    test(name, async () => {
      for (let done = 0; done < 100_000; done += 1000) {
        forSeeds(1000, (arbitrary) => readAndWrite(configured, fuzzBytes(arbitrary)), first + done)
        // The test runner wants to hear from its worker now and then.
        await setImmediate()
      }
    })
  }
})
