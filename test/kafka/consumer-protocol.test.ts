import { describe, expect, test } from 'vitest'
import {
  decodeAssignment,
  decodeGeneration,
  decodeStickyUserData,
  decodeSubscription,
  encodeAssignment,
  encodeGeneration,
  encodeStickyUserData,
  encodeSubscription,
} from '../../src/kafka/consumer-protocol.ts'

const t5 = { topic: 't', partition: 5 }
const s0 = { topic: 's', partition: 0 }
const owned = [
  { topic: 'a', partition: 0 },
  { topic: 'a', partition: 2 },
  { topic: 'b', partition: 1 },
]

describe('the bytes of the consumer group protocol', () => {
  // Recorded from ConsumerProtocol and the assignors of kafka-clients 4.1.1.
  test('of a subscription are those of Java', () => {
    const owned = [t5, { topic: 't', partition: 1 }, s0]
    const bytes = encodeSubscription({ topics: ['u', 't'], userData: null, owned, generation: 4, rack: null })
    expect(bytes.toString('hex')).toBe(
      '000300000002000174000175ffffffff000000020001730000000100000000000174000000020000000100000005' +
        '00000004ffff',
    )
    expect(decodeSubscription(bytes)).toMatchObject({
      topics: ['t', 'u'],
      userData: null,
      generation: 4,
      rack: null,
    })
    expect(decodeSubscription(bytes).owned).toEqual([s0, { topic: 't', partition: 1 }, t5])
  })

  test('of an assignment are those of Java, but for the order of topics', () => {
    const java = '00030000000200017400000001000000050001730000000100000000ffffffff'
    expect(decodeAssignment(Buffer.from(java, 'hex'))).toEqual([t5, s0])
    expect(encodeAssignment([t5]).toString('hex')).toBe(
      '00030000000100017400000001' + '00000005' + 'ffffffff',
    )
  })

  test("of the sticky assignors' memory are those of Java", () => {
    expect(encodeStickyUserData([t5, s0], 9).toString('hex')).toBe(
      '000000020001730000000100000000000174000000010000000500000009',
    )
    expect(encodeGeneration(9).toString('hex')).toBe('00000009')
    expect(decodeGeneration(encodeGeneration(9))).toBe(9)
  })

  test('of older subscriptions are read as far as they go', () => {
    const version0 = Buffer.from('0000' + '00000001' + '000174' + 'ffffffff', 'hex')
    const none = { owned: [], generation: -1, rack: null }
    expect(decodeSubscription(version0)).toEqual({ topics: ['t'], userData: null, ...none })
    const version1 = Buffer.from('0001' + '00000001' + '000174' + '0000000101' + '00000000', 'hex')
    expect(decodeSubscription(version1)).toEqual({ topics: ['t'], userData: Buffer.from([1]), ...none })
  })

  test('of an assignment come back, and no bytes are no partitions', () => {
    expect(decodeAssignment(encodeAssignment(owned))).toEqual(owned)
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([])
  })

  test("of the sticky assignor's memory come back", () => {
    expect(decodeStickyUserData(encodeStickyUserData(owned, 9))).toEqual({ owned, generation: 9 })
    expect(decodeStickyUserData(null)).toEqual({ owned: [], generation: -1 })
  })
})
