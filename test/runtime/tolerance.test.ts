import { describe, expect, test } from 'vitest'
import { Tolerance } from '../../src/runtime/tolerance.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'

const error = new Error('cannot convert')

function tolerance(mode: string, { isLogged = false, withRecord = false } = {}) {
  const lines: string[] = []
  const settings = {
    'errors.tolerance': mode,
    'errors.log.enable': isLogged,
    'errors.log.include.messages': withRecord,
  }
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const made = new Tolerance(settings, { connector: 'files', task: 1 }, log)
  let described = 0
  const fail = () =>
    made.failed({
      stage: 'VALUE_CONVERTER',
      className: 'org.apache.kafka.connect.json.JsonConverter',
      error,
      describeRecord: () => `record ${++described}`,
    })
  return { made, lines, fail, described: () => described }
}

describe('a failing record', () => {
  test('fails the task with tolerance none', () => {
    const { made, fail } = tolerance('none')
    expect(fail).toThrow('Tolerance exceeded in error handler')
    try {
      fail()
    } catch (thrown) {
      expect((thrown as Error).cause).toBe(error)
    }
    expect({ isUnlimited: made.isUnlimited, skipped: made.skipped }).toEqual({
      isUnlimited: false,
      skipped: 0,
    })
  })

  for (const mode of ['all', 'ALL']) {
    test(`is skipped and counted with tolerance ${mode}`, () => {
      const { made, fail } = tolerance(mode)
      fail()
      fail()
      expect({ isUnlimited: made.isUnlimited, skipped: made.skipped }).toEqual({
        isUnlimited: true,
        skipped: 2,
      })
    })
  }

  test('is not mentioned, nor described, unless that is asked for', () => {
    const { lines, fail, described } = tolerance('all')
    fail()
    expect(lines).toEqual([])
    expect(described()).toBe(0)
  })

  for (const { withRecord, record } of [
    { withRecord: false, record: '' },
    { withRecord: true, record: ', where record 1' },
  ]) {
    test(`is logged ${withRecord ? 'with' : 'without'} the record`, () => {
      const { lines, fail } = tolerance('none', { isLogged: true, withRecord })
      expect(fail).toThrow()
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(
        "ERROR Error encountered in task files-1. Executing stage 'VALUE_CONVERTER' with class " +
          `'org.apache.kafka.connect.json.JsonConverter'${record}. (org.apache.kafka.connect.runtime.errors.LogReporter)\nError: cannot convert`,
      )
    })
  }
})
