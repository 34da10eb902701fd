import { describe, expect, test } from 'vitest'
import { embeddedAddress } from '../../src/cli/embedded-broker.ts'
import { ConfigError } from '../../src/errors.ts'

describe('the address of the embedded broker', () => {
  for (const { servers, address } of [
    { servers: ['localhost:9092'], address: { host: 'localhost', port: 9092 } },
    { servers: ['127.0.0.1:1', 'other.example:2'], address: { host: '127.0.0.1', port: 1 } },
    { servers: ['PLAINTEXT://localhost:9092'], address: { host: 'localhost', port: 9092 } },
    { servers: ['[::1]:9092'], address: { host: '::1', port: 9092 } },
    { servers: [], address: { host: 'localhost', port: 9092 } },
  ]) {
    test(`is the first of ${JSON.stringify(servers)}`, () =>
      expect(embeddedAddress(servers)).toEqual(address))
  }

  for (const { server, problem } of [
    { server: 'kafka.example:9092', problem: 'Name a loopback address such as localhost:9092' },
    { server: '0.0.0.0:9092', problem: 'listens on this machine only' },
    { server: 'localhost', problem: 'an address looks like localhost:9092' },
  ]) {
    test(`cannot be ${server}`, () => {
      expect(() => embeddedAddress([server])).toThrow(problem)
      expect(() => embeddedAddress([server])).toThrow(ConfigError)
    })
  }
})
