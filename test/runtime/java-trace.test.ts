import { describe, expect, test } from 'vitest'
import { ConfigError, ConnectError, DataError, KafkaError, RetriableError } from '../../src/errors.ts'
import { javaClassName, javaTrace } from '../../src/runtime/java-trace.ts'

describe('the Java class of an error', () => {
  for (const { error, name } of [
    { error: new ConnectError('x'), name: 'org.apache.kafka.connect.errors.ConnectException' },
    { error: new DataError('x'), name: 'org.apache.kafka.connect.errors.DataException' },
    { error: new RetriableError('x'), name: 'org.apache.kafka.connect.errors.RetriableException' },
    { error: new ConfigError('x'), name: 'org.apache.kafka.common.config.ConfigException' },
    { error: new KafkaError('x'), name: 'org.apache.kafka.common.KafkaException' },
    {
      error: new KafkaError('x', { retriable: true }),
      name: 'org.apache.kafka.common.errors.RetriableException',
    },
    { error: new TypeError('x'), name: 'java.lang.NullPointerException' },
    { error: new RangeError('x'), name: 'java.lang.IllegalArgumentException' },
    { error: new SyntaxError('x'), name: 'java.lang.IllegalArgumentException' },
    { error: Object.assign(new Error('x'), { code: 'ENOSPC' }), name: 'java.io.IOException' },
    { error: new Error('x'), name: 'java.lang.RuntimeException' },
  ]) {
    test(`${error.name}${'code' in error ? ' with a code' : ''}: ${name}`, () => {
      expect(javaClassName(error)).toBe(name)
    })
  }
})

describe('the trace', () => {
  test('is class, message and indented frames, then the same of each cause', () => {
    const error = new ConnectError('outer', { cause: new DataError('inner') })
    const lines = javaTrace(error).split('\n')
    expect(lines[0]).toBe('org.apache.kafka.connect.errors.ConnectException: outer')
    expect(lines[1]).toMatch(/^\tat /)
    const cause = lines.findIndex((line) => line.startsWith('Caused by: '))
    expect(lines[cause]).toBe('Caused by: org.apache.kafka.connect.errors.DataException: inner')
    expect(lines[cause + 1]).toMatch(/^\tat /)
    expect(lines.at(-1)).toBe('')
  })

  test('without message is the class alone', () => {
    expect(javaTrace(new ConnectError(''))).toMatch(
      /^org\.apache\.kafka\.connect\.errors\.ConnectException\n/,
    )
  })

  test('of an error that is its own cause ends', () => {
    const error = new Error('round')
    error.cause = error
    expect(javaTrace(error).match(/round/g)).toHaveLength(1)
  })
})
