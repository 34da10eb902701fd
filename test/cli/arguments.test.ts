import { describe, expect, test } from 'vitest'
import { parseArguments, usage } from '../../src/cli/arguments.ts'

const run = {
  kind: 'run',
  connectorFiles: [],
  embeddedBroker: false,
  acceptLostOffsets: false,
  watch: false,
  log: { levels: [], format: 'text' },
}

describe('the command line', () => {
  for (const { argv, parsed } of [
    { argv: ['w'], parsed: { ...run, workerFile: 'w' } },
    { argv: ['w', 'a', 'b'], parsed: { ...run, workerFile: 'w', connectorFiles: ['a', 'b'] } },
    { argv: [''], parsed: { ...run, workerFile: '' } },
    { argv: ['', 'a'], parsed: { ...run, workerFile: '', connectorFiles: ['a'] } },
    { argv: ['--embedded-broker', 'w'], parsed: { ...run, workerFile: 'w', embeddedBroker: true } },
    { argv: ['--embedded-broker=', 'w'], parsed: { ...run, workerFile: 'w', embeddedBroker: true } },
    { argv: ['--embedded-broker=data', 'w'], parsed: { ...run, workerFile: 'w', embeddedBroker: 'data' } },
    { argv: ['--embedded-broker=a=b', 'w'], parsed: { ...run, workerFile: 'w', embeddedBroker: 'a=b' } },
    {
      argv: ['w', '--embedded-broker', 'a', '--accept-lost-offsets'],
      parsed: {
        ...run,
        workerFile: 'w',
        connectorFiles: ['a'],
        embeddedBroker: true,
        acceptLostOffsets: true,
      },
    },
    { argv: ['--watch', 'w', 'a'], parsed: { ...run, workerFile: 'w', connectorFiles: ['a'], watch: true } },
    {
      argv: ['--log-level', 'debug', 'w', '--log-level=a.b=TRACE', '--log-format=json'],
      parsed: {
        ...run,
        workerFile: 'w',
        log: {
          levels: [
            { logger: 'root', level: 'DEBUG' },
            { logger: 'a.b', level: 'TRACE' },
          ],
          format: 'json',
        },
      },
    },
  ]) {
    test(JSON.stringify(argv), () => expect(parseArguments(argv)).toEqual(parsed))
  }

  for (const argv of [[], ['--help'], ['-h'], ['w', '--help'], ['w', 'a', '--help', '--nonsense']]) {
    test(`${JSON.stringify(argv)} asks for the usage`, () => {
      expect(parseArguments(argv)).toEqual({ kind: 'usage', problem: null })
    })
  }

  for (const { argv, problem } of [
    { argv: ['--embedded-broker'], problem: 'No worker file was given.' },
    { argv: ['--accept-lost-offsets'], problem: 'No worker file was given.' },
    { argv: ['--accept-lost-ofsets', 'w'], problem: 'Did you mean --accept-lost-offsets?' },
    { argv: ['w', '--embeded-broker=x'], problem: 'Did you mean --embedded-broker?' },
    { argv: ['w', '-daemon'], problem: "unknown option '-daemon'" },
    { argv: ['w', '--accept-lost-offsets=1'], problem: '--accept-lost-offsets' },
    { argv: ['w', '--log-level'], problem: "option '--log-level <level>' argument missing" },
    { argv: ['w', '--log-level', 'LOUD'], problem: '--log-level LOUD is not understood' },
    { argv: ['w', '--log-level', '=WARN'], problem: '--log-level =WARN is not understood' },
    {
      argv: ['w', '--log-format', 'xml'],
      problem: '--log-format xml is not understood. It takes text or json.',
    },
  ]) {
    test(`${JSON.stringify(argv)} gets the usage and says: ${problem}`, () => {
      const parsed = parseArguments(argv)
      expect(parsed).toMatchObject({
        kind: 'usage',
        problem: expect.stringContaining(problem) as unknown,
      })
    })
  }

  test('--version gives the version, whatever else there is', () => {
    expect(parseArguments(['w', '--version'])).toMatchObject({ kind: 'version' })
  })

  test('the usage names every option', () => {
    for (const option of [
      '--embedded-broker',
      '--accept-lost-offsets',
      '--watch',
      '--log-level',
      '--log-format',
      '--version',
      '--help',
    ])
      expect(usage).toContain(option)
  })
})
