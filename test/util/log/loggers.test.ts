import { describe, expect, test } from 'vitest'
import { Loggers } from '../../../src/util/log/loggers.ts'

function loggers(...names: readonly string[]): Loggers {
  const made = new Loggers()
  for (const name of names) made.add(name)
  return made
}

describe('a logger', () => {
  test('is unknown until somebody asks for it, and looking does not make it', () => {
    const all = loggers()
    expect(all.find('a')).toBeNull()
    expect(all.find('a')).toBeNull()
    all.add('a')
    expect(all.find('a')).toEqual({ level: 'INFO', lastModified: null })
  })

  test('inherits from the nearest name above it that has a level', () => {
    const all = loggers('a.b.c')
    all.setInitial('a', 'DEBUG')
    all.setInitial('a.b', 'WARN')
    expect(all.find('a.b.c')).toEqual({ level: 'WARN', lastModified: null })
    expect(all.level('a.bb')).toBe('DEBUG')
    expect(all.level('ab')).toBe('INFO')
  })

  test('called root is the root in any case of letters', () => {
    const all = loggers('ROOT', 'a')
    expect(all.change('Root', 'ERROR')).toEqual(['a', 'root'])
    expect(all.find('ROOT')).toMatchObject({ level: 'ERROR' })
  })
})

describe('a change', () => {
  test('is for every logger whose name starts with the text, and for the named one', () => {
    const all = loggers(
      'org.apache.kafka.connect.A',
      'org.apache.kafka.connect.B',
      'org.apache.kafka.clients.C',
    )
    expect(all.change('org.apache.kafka.conn', 'DEBUG')).toEqual([
      'org.apache.kafka.conn',
      'org.apache.kafka.connect.A',
      'org.apache.kafka.connect.B',
    ])
    expect(all.level('org.apache.kafka.connect.A')).toBe('DEBUG')
    expect(all.level('org.apache.kafka.clients.C')).toBe('INFO')
  })

  test('does not touch who has the level already', () => {
    const all = loggers('a.b')
    all.change('a.b', 'WARN')
    const { lastModified } = all.find('a.b')!
    expect(lastModified).toBeGreaterThan(0)
    expect(all.change('a', 'WARN')).toEqual(['a'])
    expect(all.change('a', 'WARN')).toEqual([])
    expect(all.find('a.b')).toEqual({ level: 'WARN', lastModified })
  })

  test('to the level that a new logger inherits only makes it known', () => {
    const all = loggers()
    expect(all.change('a', 'INFO')).toEqual([])
    expect(all.find('a')).toEqual({ level: 'INFO', lastModified: null })
    expect(all.explicit().map(([name]) => name)).toEqual(['root'])
  })

  test('makes the level one of their own for all who inherited another', () => {
    const all = loggers('a.b')
    expect(all.change('a', 'TRACE')).toEqual(['a', 'a.b'])
    all.change('root', 'OFF')
    expect(all.change('a', 'ALL')).toEqual(['a', 'a.b'])
    expect(all.explicit().map(([name, { level }]) => [name, level])).toEqual([
      ['a', 'ALL'],
      ['a.b', 'ALL'],
      ['root', 'OFF'],
    ])
  })
})

test('only levels of their own are listed, by name; the root always', () => {
  const all = loggers('b.c', 'z')
  expect(all.explicit()).toEqual([['root', { level: 'INFO', lastModified: null }]])
  all.setInitial('z', 'WARN')
  all.change('b', 'DEBUG')
  expect(all.explicit().map(([name]) => name)).toEqual(['b', 'b.c', 'root', 'z'])
})
