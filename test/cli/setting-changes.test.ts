import { expect, test } from 'vitest'
import { isSameConfig, settingChanges } from '../../src/cli/setting-changes.ts'

test('changes of settings are listed by name, secrets without their values', () => {
  const before = { a: '1', b: '2', password: 'old', same: 'x', token: 't', nothing: null }
  const after = { a: '3', c: '4', password: 'new', same: 'x', secret: 's', nothing: '' }
  const isSecret = (name: string) => ['password', 'token', 'secret'].includes(name)
  expect(settingChanges(before, after, isSecret)).toEqual([
    '~ a: 1 -> 3',
    '- b: 2',
    '+ c: 4',
    '~ nothing: null -> ',
    '~ password: [hidden] -> another',
    '+ secret: [hidden]',
    '- token: [hidden]',
  ])
})

test('configs are the same when their settings are, whatever their order', () => {
  expect(isSameConfig({ a: '1', b: null }, { b: null, a: '1' })).toBe(true)
  expect(isSameConfig({ a: '1' }, { a: '1', b: null })).toBe(false)
})
