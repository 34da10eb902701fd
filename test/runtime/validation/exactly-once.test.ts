import { describe, expect, test } from 'vitest'
import { fileStreamSource } from '../../../src/connectors/file/source.ts'
import { defineSourceConnector } from '../../../src/index.ts'
import { validateConnector } from '../../../src/runtime/validation/validate-connector.ts'
import { exactlyOnceProblems } from '../../../src/runtime/validation/exactly-once.ts'
import { registry, worker } from './recorded-answers.ts'

const enabled = { 'exactly.once.source.support': 'Enabled ' }

function connector(says: Partial<typeof fileStreamSource>) {
  return defineSourceConnector({
    ...fileStreamSource,
    exactlyOnceSupport: undefined,
    ...says,
  } as typeof fileStreamSource)
}

describe('settings that ask for transactions', () => {
  test.for<[string, Partial<typeof fileStreamSource>, Record<string, string>, RegExp | null]>([
    [
      'support required and there',
      { exactlyOnceSupport: () => 'supported' },
      { 'exactly.once.support': 'REQUIRED' },
      null,
    ],
    [
      'support required and refused',
      { exactlyOnceSupport: () => 'unsupported' },
      { 'exactly.once.support': 'required' },
      /does not support/,
    ],
    ['support required and nothing said', {}, { 'exactly.once.support': 'required' }, /does not say/],
    [
      'a connector that cannot be asked',
      {
        exactlyOnceSupport: () => {
          throw new Error('ouch')
        },
      },
      { 'exactly.once.support': 'required' },
      /could not be asked: ouch/,
    ],
    ['support requested', {}, { 'exactly.once.support': 'requested' }, null],
    [
      'boundaries that the connector does not define',
      {},
      { 'transaction.boundary': 'Connector' },
      /poll or interval/,
    ],
    [
      'boundaries that it defines',
      { canDefineTransactionBoundaries: () => 'supported' },
      { 'transaction.boundary': 'connector' },
      null,
    ],
  ])('%s', ([, says, props, message]) => {
    const problems = exactlyOnceProblems(connector(says), enabled, props)
    if (message === null) expect(problems).toEqual([])
    else expect(problems).toEqual([{ key: Object.keys(props)[0], message: expect.stringMatching(message) }])
    expect(exactlyOnceProblems(connector(says), {}, props)).toEqual([])
  })

  test('are part of the validation of a connector', async () => {
    const props = {
      'name': 'c',
      'connector.class': 'FileStreamSource',
      'topic': 't',
      'exactly.once.support': 'required',
    }
    const errors = async (workerProps: Record<string, string>, more = {}) => {
      const { configs } = await validateConnector(registry, { ...worker, ...workerProps }, null, {
        ...props,
        ...more,
      })
      return configs.find(({ value }) => value.name === 'exactly.once.support')!.value.errors
    }
    expect(await errors(enabled)).toEqual([expect.stringContaining('does not support')])
    expect(await errors(enabled, { file: '/in.txt' })).toEqual([])
    expect(await errors({})).toEqual([])
  })
})
