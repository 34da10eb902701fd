import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesBelow, textOf } from './project-files.ts'

const base = ['errors', 'util']
const plugin = ['index']

/** Which groups of src/ each group may import beside itself. Imports point one way. */
const allowed: Readonly<Record<string, readonly string[] | 'everything'>> = {
  errors: [],
  util: ['errors'],
  data: base,
  config: base,
  api: [...base, 'data', 'config'],
  index: [...base, 'data', 'config', 'api'],
  connectors: plugin,
  converters: plugin,
  transforms: plugin,
  predicates: plugin,
  // Needed to read the worker file, before there are plugins.
  providers: [...base, 'config'],
  protocol: base,
  broker: [...base, 'protocol'],
  kafka: [...base, 'config', 'protocol'],
  rest: [...base, 'config'],
  plugins: [...base, 'api', 'index', 'connectors', 'converters', 'transforms', 'predicates', 'providers'],
  runtime: [
    ...base,
    'data',
    'config',
    'api',
    'index',
    'plugins',
    'protocol',
    'kafka/client',
    'rest/herder',
    'rest/plugin-catalog',
  ],
  cli: 'everything',
  vectors: 'everything',
}

/** Who may look at the process: programs, and the one file that knows the version. */
const mayReadProcess = /^src\/(?:cli\/|vectors\/main\.ts$|util\/version\.ts$)/

const sources = filesBelow('src').filter((path) => path.endsWith('.ts'))

/** What a file imports, statically or not, types included. */
function importsOf(path: string): { readonly relative: string[]; readonly packages: string[] } {
  const specifiers = [
    ...textOf(path).matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)'([\w@./-]+)'/gm),
  ].map((match) => match[1]!)
  return {
    relative: specifiers
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.join(posix.dirname(path), name)),
    packages: specifiers.filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
  }
}

function groupOf(path: string): string {
  const [first, ...rest] = path.replace(/^src\//, '').split('/')
  return rest.length === 0 ? first!.replace(/\.ts$/, '') : first!
}

function isAllowed(from: string, to: string): boolean {
  const groups = allowed[from]
  if (groups === undefined) return false
  const module = to.replace(/^src\//, '').replace(/\.ts$/, '')
  return (
    groups === 'everything' || groupOf(to) === from || groups.some((g) => g === groupOf(to) || g === module)
  )
}

describe('imports point one way', () => {
  test('every group of src/ has its rule', () => {
    expect([...new Set(sources.map(groupOf))].filter((group) => !(group in allowed))).toEqual([])
  })

  test('and keeps it', () => {
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .relative.filter((to) => !isAllowed(groupOf(path), to))
        .map((to) => `${path} imports ${to}`),
    )
    expect(wrong).toEqual([])
  })

  test('a built-in plugin imports its own folder and the SDK, with types of no other group', () => {
    const folders = ['src/connectors/', 'src/converters/', 'src/transforms/', 'src/predicates/']
    const wrong = sources
      .filter((path) => folders.some((folder) => path.startsWith(folder)))
      .flatMap((path) => {
        const [own] = /^src\/connectors\/[^/]+\/|^src\/[^/]+\//.exec(path)!
        return importsOf(path)
          .relative.filter((to) => to !== 'src/index.ts' && !to.startsWith(own))
          .map((to) => `${path} imports ${to}`)
      })
    expect(wrong).toEqual([])
  })

  test('every imported file is there, under its own name', () => {
    const known = new Set(sources)
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .relative.filter((to) => !known.has(to))
        .map((to) => `${path} imports ${to}`),
    )
    expect(wrong).toEqual([])
  })

  test('tests reach into src/, never the other way round', () => {
    const wrong = sources.filter((path) => importsOf(path).relative.some((to) => !to.startsWith('src/')))
    expect(wrong).toEqual([])
  })
})

describe('packages', () => {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> }
  const packageName = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

  test('that src/ imports are dependencies, and all of them are imported', () => {
    const imported = new Set(sources.flatMap((path) => importsOf(path).packages.map(packageName)))
    expect([...imported].sort()).toEqual(Object.keys(dependencies).sort())
  })

  test('kafkajs is reached into from one file only', () => {
    const deep = sources.filter((path) => /['"]kafkajs\/src\//.test(textOf(path)))
    expect(deep).toEqual(['src/kafka/kafkajs-internals.ts'])
  })
})

describe('the process', () => {
  test('its arguments, environment and end are the business of programs', () => {
    const wrong = sources.filter(
      (path) => /\bprocess\.(?:argv|env|exit|exitCode)\b/.test(textOf(path)) && !mayReadProcess.test(path),
    )
    expect(wrong).toEqual([])
  })

  test('only connectors that are asked to write to standard output', () => {
    const wrong = sources.filter(
      (path) =>
        /\bprocess\.stdout\b|\bconsole\./.test(textOf(path)) &&
        !/^src\/(?:cli|vectors|connectors\/file)\//.test(path),
    )
    expect(wrong).toEqual([])
  })
})
