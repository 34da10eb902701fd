import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { isLoopbackHost } from '../../src/rest/listener.ts'
import { plainListener } from './open-rest.ts'

describe('a listener', () => {
  for (const { text, host, port, isLoopback } of [
    { text: 'http://localhost:8083', host: 'localhost', port: 8083, isLoopback: true },
    { text: ' HTTP://127.0.0.1:0 ', host: '127.0.0.1', port: 0, isLoopback: true },
    { text: 'http://[::1]:8083', host: '::1', port: 8083, isLoopback: true },
    { text: 'http://:8083', host: '', port: 8083, isLoopback: false },
    { text: 'http://0.0.0.0:8083', host: '0.0.0.0', port: 8083, isLoopback: false },
    { text: 'http://worker.example:80', host: 'worker.example', port: 80, isLoopback: false },
  ]) {
    test(`is read from ${JSON.stringify(text)}`, () => {
      expect(plainListener(text)).toMatchObject({ text: text.trim(), host, port, isLoopback })
    })
  }

  for (const { text, problem } of [
    { text: 'localhost:8083', problem: "doesn't have the right format (protocol://hostname:port)" },
    { text: 'http://localhost', problem: "doesn't have the right format" },
    { text: 'ftp://localhost:21', problem: 'protocol must be either "http" or "https"' },
    { text: 'http://localhost:70000', problem: 'port above 65535' },
  ]) {
    test(`cannot be ${text}`, () => {
      expect(() => plainListener(text)).toThrow(problem)
      expect(() => plainListener(text)).toThrow(ConfigError)
    })
  }
})

describe('what can only be this machine', () => {
  for (const { host, isLoopback } of [
    { host: 'localhost', isLoopback: true },
    { host: 'LOCALHOST', isLoopback: true },
    { host: 'a.localhost', isLoopback: true },
    { host: '127.1.2.3', isLoopback: true },
    { host: '::1', isLoopback: true },
    { host: '[::1]', isLoopback: true },
    { host: 'localhost.example', isLoopback: false },
    { host: '1127.0.0.1', isLoopback: false },
    { host: '127.0.0.1.nip.io', isLoopback: false },
    { host: '::', isLoopback: false },
    { host: '', isLoopback: false },
  ]) {
    test(`${host === '' ? 'no host' : host}: ${isLoopback}`, () =>
      expect(isLoopbackHost(host)).toBe(isLoopback))
  }
})
