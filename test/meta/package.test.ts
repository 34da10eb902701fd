import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseConnectorFile } from '../../src/config/connector-file.ts'
import { parseProperties } from '../../src/config/properties.ts'
import { workerConfig } from '../../src/config/worker-config.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { readConnectorSettings } from '../../src/runtime/connector-settings.ts'
import { filesBelow, root, textOf, trackedFiles } from './project-files.ts'

const manifest = JSON.parse(textOf('package.json')) as {
  type: string
  engines: { node: string }
  bin: Record<string, string>
  files: readonly string[]
  scripts: Record<string, string>
  dependencies: Record<string, string>
  exports: Record<string, unknown>
}
const lock = JSON.parse(textOf('package-lock.json')) as {
  packages: Record<string, { version: string; resolved?: string; engines?: { node?: string } }>
}

describe('package.json', () => {
  test('pins kafkajs, whose internals are used', () => {
    expect(manifest.dependencies['kafkajs']).toBe('2.2.4')
    expect(lock.packages['node_modules/kafkajs']!.version).toBe('2.2.4')
  })

  test('asks for the Node that is said everywhere', () => {
    expect(manifest.engines.node).toBe('>=20.19.0')
    expect(textOf('README.md')).toContain('20.19')
    expect(manifest.type).toBe('module')
  })

  test('names programs that are there and are not built', () => {
    expect(Object.keys(manifest.bin)).toEqual(['tsconnect', 'tsconnect-standalone'])
    for (const file of Object.values(manifest.bin)) {
      expect(existsSync(join(root, file)), file).toBe(true)
      expect(textOf(file)).toMatch(/^#!\/usr\/bin\/env node\n/)
    }
  })

  test('has scripts whose files are there', () => {
    for (const command of Object.values(manifest.scripts)) {
      for (const [, file] of command.matchAll(/\bnode (\S+)/g))
        expect(existsSync(join(root, file!)), file).toBe(true)
    }
  })

  test('publishes what users need, and no more', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['bin', 'dist']))
    expect(Object.keys(manifest.exports)).toContain('.')
  })
})

describe('package-lock.json', () => {
  test('names no place from which packages were fetched', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([])
  })
})

describe('the examples', () => {
  const plugins = new PluginRegistry(builtinPlugins)
  const files = filesBelow('examples').filter((path) => /\.(?:properties|json)$/.test(path))
  const isWorker = (path: string) => path.includes('standalone')

  test('are there', () => {
    expect(files.filter(isWorker)).not.toEqual([])
    expect(files.filter((path) => !isWorker(path))).not.toEqual([])
  })

  for (const path of files.filter(isWorker)) {
    test(`${path} is a worker file without mistakes`, () => {
      const { values, duplicates } = parseProperties(textOf(path), path)
      expect(duplicates).toEqual([])
      const settings = workerConfig.parse(values)
      plugins.check('converter', settings['key.converter'], 'key.converter')
      plugins.check('converter', settings['value.converter'], 'value.converter')
    })
  }

  for (const path of files.filter((path) => !isWorker(path))) {
    test(`${path} is a connector file without mistakes`, async () => {
      const { config } = parseConnectorFile(textOf(path), path)
      expect(config.duplicates).toEqual([])
      const workerProps = { 'key.converter': 'JsonConverter', 'value.converter': 'JsonConverter' }
      await expect(readConnectorSettings(config.values, { plugins, workerProps })).resolves.toBeDefined()
    })
  }
})

describe('tracked text', () => {
  test("holds no path of somebody's machine", () => {
    const tests = /^test\/providers\//
    const wrong = trackedFiles()
      .filter(
        (path) => existsSync(join(root, path)) && !tests.test(path) && path !== 'test/meta/package.test.ts',
      )
      .filter((path) => /\.(?:ts|js|mjs|json|md|yml|properties|txt)$|^[^.]*$/.test(path))
      .filter((path) => /(?:^|[\s'"`(=:])\/(?:work|home|Users|root)\/\w|[A-Z]:\\Users\\/m.test(textOf(path)))
    expect(wrong).toEqual([])
  })
})
