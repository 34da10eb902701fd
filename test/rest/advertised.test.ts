import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { type AdvertisedSettings, advertisedAddress } from '../../src/rest/advertised.ts'
import { restListener } from '../../src/rest/listener.ts'

const nothing: AdvertisedSettings = { host: null, port: null, protocol: null }
const open = (...urls: readonly string[]) =>
  urls.map((url, i) => ({ listener: restListener(url, () => ({ clientAuth: 'none' })), port: 9000 + i }))

describe('the advertised address', () => {
  for (const { what, settings, listeners, address } of [
    {
      what: 'is the listener with its real port',
      listeners: ['http://localhost:0'],
      address: 'localhost:9000',
    },
    { what: 'prefers http', listeners: ['https://a:1', 'http://b:1'], address: 'b:9001' },
    { what: 'is https where there is no http', listeners: ['https://a:1'], address: 'a:9000' },
    {
      what: 'follows rest.advertised.listener, in any case',
      settings: { protocol: 'HTTPS' },
      listeners: ['http://a:1', 'https://b:1'],
      address: 'b:9001',
    },
    {
      what: 'takes the first listener where none has the advertised protocol',
      settings: { protocol: 'https' },
      listeners: ['http://a:1'],
      address: 'a:9000',
    },
    {
      what: 'takes host and port as they are set',
      settings: { host: 'connect.example', port: 443 },
      listeners: ['http://localhost:0'],
      address: 'connect.example:443',
    },
    {
      what: 'takes an empty host for none',
      settings: { host: '' },
      listeners: ['http://a:1'],
      address: 'a:9000',
    },
    { what: 'has brackets around IPv6', listeners: ['http://[::1]:1'], address: '[::1]:9000' },
  ]) {
    test(what, () => {
      expect(advertisedAddress({ ...nothing, ...settings }, open(...listeners))).toBe(address)
    })
  }

  test('is one of the machine where the listener has no host', () => {
    const own = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map((one) => one.address))
    const address = advertisedAddress(nothing, open('http://:8083'))
    const host = address.replace(/:9000$/, '').replace(/^\[|\]$/g, '')
    expect([...own, 'localhost']).toContain(host)
  })
})
