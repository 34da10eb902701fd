import { describe, expect, test } from 'vitest'
import {
  adminSettings,
  bootstrapServers,
  consumerSettings,
  producerSettings,
} from '../../src/runtime/client-settings.ts'
import { readProducerSettings } from '../../src/kafka/producer-settings.ts'
import { silentLogger } from '../../src/util/logger.ts'

const worker = {
  'bootstrap.servers': 'kafka:9092',
  'client.id': 'worker',
  'security.protocol': 'SSL',
  'key.converter': 'StringConverter',
  'producer.linger.ms': '5',
  'producer.acks': '1',
  'consumer.max.poll.records': '10',
  'consumer.group.id': 'worker-group',
  'admin.retry.backoff.ms': '7',
}
const id = { connector: 'files', task: 2 }

describe("the settings of a source task's producer", () => {
  test('keep order and lose nothing where nobody says otherwise', () => {
    expect(producerSettings({}, {}, 'connector-producer-files-2')).toEqual({
      'bootstrap.servers': 'localhost:9092',
      'client.id': 'connector-producer-files-2',
      'max.block.ms': '9223372036854775807',
      'acks': 'all',
      'delivery.timeout.ms': '2147483647',
    })
  })

  test('leave the producer idempotent, with five requests in flight', () => {
    const read = readProducerSettings(producerSettings({}, {}, 'x'), silentLogger)
    expect(read).toMatchObject({ isIdempotent: true, isIdempotenceAsked: false, maxInFlight: 5, acks: -1 })
    const asked = producerSettings({ 'producer.enable.idempotence': 'true' }, {}, 'x')
    expect(readProducerSettings(asked, silentLogger)).toMatchObject({ isIdempotenceAsked: true })
  })

  for (const { worker: given = {}, connector = {}, maxInFlight = 1 } of [
    { worker: { 'producer.enable.idempotence': 'false' } },
    { connector: { 'producer.override.enable.idempotence': ' False ' } },
    { worker: { 'producer.acks': '1' } },
    { connector: { 'producer.override.retries': '0' } },
    { worker: { 'producer.max.in.flight.requests.per.connection': '10' }, maxInFlight: 10 },
  ]) {
    test(`are those of Kafka Connect with ${JSON.stringify({ ...given, ...connector })}`, () => {
      const read = readProducerSettings(producerSettings(given, connector, 'x'), silentLogger)
      expect(read).toMatchObject({ isIdempotent: false, maxInFlight })
    })
  }

  test('take no transactional.id of their own, as Kafka Connect', () => {
    const settings = producerSettings({ 'producer.transactional.id': 'tx' }, {}, 'x')
    expect(() => readProducerSettings(settings, silentLogger)).toThrow(
      'Cannot set a transactional.id without also enabling idempotence.',
    )
  })

  test("take the worker's producer.*, then the connector's producer.override.*", () => {
    const connector = { 'producer.override.linger.ms': '9', 'producer.override.compression.type': 'lz4' }
    expect(producerSettings(worker, connector, 'x')).toMatchObject({
      'bootstrap.servers': 'kafka:9092',
      'client.id': 'x',
      'acks': '1',
      'linger.ms': '9',
      'compression.type': 'lz4',
    })
  })

  test('take nothing else of the worker: neither its client.id nor its security', () => {
    expect(producerSettings(worker, {}, 'x')).not.toHaveProperty('security.protocol')
    expect(producerSettings(worker, {}, 'x')['client.id']).toBe('x')
  })

  test('leave out what is null', () => {
    expect(producerSettings({ ...worker, 'producer.acks': null }, {}, 'x')['acks']).toBe('all')
  })
})

describe("the settings of a sink task's consumer", () => {
  test('name group and client after the connector and read from the beginning', () => {
    expect(consumerSettings({}, {}, id)).toEqual({
      'bootstrap.servers': 'localhost:9092',
      'client.id': 'connector-consumer-files-2',
      'group.id': 'connect-files',
      'enable.auto.commit': 'false',
      'auto.offset.reset': 'earliest',
    })
  })

  test("take the worker's consumer.*, then the connector's consumer.override.*", () => {
    const connector = { 'consumer.override.group.id': 'mine', 'producer.override.linger.ms': '9' }
    const settings = consumerSettings(worker, connector, id)
    expect(settings).toMatchObject({ 'group.id': 'mine', 'max.poll.records': '10' })
    expect(settings).not.toHaveProperty('linger.ms')
  })
})

describe('the settings of an admin client', () => {
  test("are all of the worker's but those of other clients, then admin.*, then admin.override.*", () => {
    const connector = { 'admin.override.request.timeout.ms': '1', 'file': 'x' }
    expect(adminSettings(worker, connector, 'x')).toEqual({
      'bootstrap.servers': 'kafka:9092',
      'client.id': 'worker',
      'security.protocol': 'SSL',
      'key.converter': 'StringConverter',
      'retry.backoff.ms': '7',
      'request.timeout.ms': '1',
    })
  })
})

describe('bootstrap.servers', () => {
  for (const { given, servers } of [
    { given: {}, servers: 'localhost:9092' },
    { given: { 'bootstrap.servers': '  ' }, servers: 'localhost:9092' },
    { given: { 'bootstrap.servers': ' a:1,b:2 ' }, servers: 'a:1,b:2' },
  ]) {
    test(`of ${JSON.stringify(given)} are ${servers}`, () => expect(bootstrapServers(given)).toBe(servers))
  }
})
