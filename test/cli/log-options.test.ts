import { describe, expect, test } from 'vitest'
import { openLog, readLogOptions } from '../../src/cli/log-options.ts'
import { createLogger } from '../../src/util/logger.ts'

const read = (
  env: Record<string, string>,
  given: { logLevel?: readonly string[]; logFormat?: string } = {},
) => readLogOptions({ logLevel: [], ...given }, env)

describe('the environment', () => {
  test('gives levels and form', () => {
    expect(read({ TSCONNECT_LOG_LEVEL: 'warn, a.b=DEBUG,', TSCONNECT_LOG_FORMAT: 'json' })).toEqual({
      levels: [
        { logger: 'root', level: 'WARN' },
        { logger: 'a.b', level: 'DEBUG' },
      ],
      format: 'json',
    })
  })

  test('yields to options', () => {
    const env = { TSCONNECT_LOG_LEVEL: 'WARN,a=DEBUG', TSCONNECT_LOG_FORMAT: 'json' }
    const { loggers } = openLog(read(env, { logLevel: ['ERROR'], logFormat: 'text' }))
    expect(loggers.find('root')).toEqual({ level: 'ERROR', lastModified: null })
    expect(loggers.find('a')).toEqual({ level: 'DEBUG', lastModified: null })
    expect(read(env, { logFormat: 'text' }).format).toBe('text')
  })

  test('that is empty says nothing', () => {
    expect(read({ TSCONNECT_LOG_LEVEL: '', TSCONNECT_LOG_FORMAT: '' })).toEqual({
      levels: [],
      format: 'text',
    })
  })

  for (const [env, problem] of [
    [{ TSCONNECT_LOG_LEVEL: 'INFO,a=B' }, 'TSCONNECT_LOG_LEVEL a=B is not understood'],
    [{ TSCONNECT_LOG_FORMAT: 'JSON5' }, 'TSCONNECT_LOG_FORMAT JSON5 is not understood'],
  ] as const) {
    test(`that is wrong is named: ${problem}`, () => expect(() => read(env)).toThrow(problem))
  }
})

test('what was asked for is what is written', () => {
  const lines: string[] = []
  const options = read({}, { logLevel: ['WARN', 'a.b=DEBUG'], logFormat: 'json' })
  const log = createLogger(
    openLog(options, (line) => lines.push(line)),
    'a',
  )
  log.info('no')
  log.named('a.b.c').debug('yes')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 'DEBUG', logger: 'a.b.c', message: 'yes' }),
  ])
})
