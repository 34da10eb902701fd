import { describe, expect, test } from 'vitest'
import { differences, judge, type TopicMark } from '../../../src/runtime/exactly-once/reconcile.ts'

const none = new Map<string, string | null>()
const at = (offset: string | null) => new Map([['["c",{"p":1}]', offset]])
const mark = (state: TopicMark['state']): TopicMark => ({ state, tasks: 1 })

describe('which of offset file and topic counts', () => {
  test.for<[string, Parameters<typeof judge>[0], ReturnType<typeof judge>]>([
    ['the file, when transactions are new', { mark: null, file: at('5'), topic: none }, 'file'],
    ['the file, when everything is new', { mark: null, file: none, topic: none }, 'file'],
    ['the topic, once it has the offsets', { mark: mark('topic'), file: at('5'), topic: at('7') }, 'topic'],
    ['the topic, also behind the file', { mark: mark('topic'), file: at('5'), topic: at('3') }, 'topic'],
    ['the topic, where all was deleted', { mark: mark('topic'), file: at(null), topic: none }, 'topic'],
    [
      'the file, when a start was cut short before the topic',
      { mark: mark('making'), file: at('5'), topic: none },
      'file',
    ],
    [
      'the topic, when it was cut short behind it',
      { mark: mark('making'), file: at('5'), topic: at('5') },
      'topic',
    ],
    [
      'the file, after a time without transactions',
      { mark: mark('left'), file: at('9'), topic: at('5') },
      'file',
    ],
    [
      'neither, when the topic is gone',
      { mark: mark('topic'), file: at('5'), topic: none },
      { lost: 'topic' },
    ],
    [
      'neither, when the file is older than the topic',
      { mark: null, file: none, topic: at('5') },
      { lost: 'file' },
    ],
  ])('%s', ([, found, verdict]) => {
    expect(judge(found)).toEqual(verdict)
  })

  test('one becomes the other by its differences alone', () => {
    const from = new Map([
      ['same', '1'],
      ['newer', '2'],
      ['new', '3'],
      ['deleted', null],
    ])
    const to = new Map([
      ['same', '1'],
      ['newer', '1'],
      ['deleted', '4'],
      ['gone', '5'],
      ['long gone', null],
    ])
    expect(differences(from, to)).toEqual([
      ['newer', '2'],
      ['new', '3'],
      ['deleted', null],
      ['gone', null],
    ])
    expect(differences(from, from)).toEqual([])
  })
})
