import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { usage } from '../../src/cli/arguments.ts'
import { validateFields } from '../../src/config/config-def.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../../src/config/connector-config.ts'
import { restartConfig } from '../../src/config/restart-config.ts'
import { workerConfig } from '../../src/config/worker-config.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { configProvidersPage } from './config-provider-page.ts'
import { convertersPage, converterWithoutExample } from './converter-page.ts'
import { predicatesPage, predicateWithoutExample } from './predicate-page.ts'
import { filesBelow, root, textOf } from './project-files.ts'
import { clientSettingsPage, connectorSettingsPage, workerSettingsPage } from './settings-pages.ts'
import { settingExamples } from './setting-examples.ts'
import { transformsPage, withoutExample } from './transform-page.ts'

const registry = new PluginRegistry(builtinPlugins)

describe('generated pages are current (npm run docs writes them)', () => {
  for (const { file, page } of [
    { file: 'worker-settings.md', page: workerSettingsPage },
    { file: 'connector-settings.md', page: connectorSettingsPage },
    { file: 'client-settings.md', page: clientSettingsPage },
    { file: 'transforms.md', page: transformsPage },
    { file: 'predicates.md', page: predicatesPage },
    { file: 'converters.md', page: convertersPage },
    { file: 'config-providers.md', page: configProvidersPage },
  ]) {
    test(file, async () => {
      await expect(await page()).toMatchFileSnapshot(join(root, 'docs/reference', file))
    })
  }
})

test('every transform, predicate and converter has an example', async () => {
  expect(await withoutExample()).toEqual([])
  expect(await predicateWithoutExample()).toEqual([])
  expect(await converterWithoutExample()).toEqual([])
})

describe('the example of a setting is one that its definition reads', () => {
  const definitions = [workerConfig, sourceConnectorConfig, sinkConnectorConfig, restartConfig]
  for (const [name, value] of Object.entries(settingExamples)) {
    test(name, async () => {
      const connectors = await Promise.all(
        ['FileStreamSource', 'FileStreamSink'].map((each) => registry.connector(each)),
      )
      const fields = [...definitions, ...connectors.map(({ config }) => config)]
        .map((definition) => definition.fields[name])
        .filter((field) => field !== undefined)
      expect(fields).not.toEqual([])
      for (const field of fields) {
        const [result] = validateFields({ [name]: field }, { [name]: value })
        expect(result!.errors).toEqual([])
        expect(result!.value).not.toEqual(field.default)
      }
    })
  }
})

const pages = ['README.md', 'CHANGELOG.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))]

describe('links lead somewhere', () => {
  const headings = (path: string) =>
    [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
      text!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  for (const path of pages) {
    test(path, () => {
      const wrong = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^(?:https?|mailto):/.test(target))
        .filter((target) => {
          const [file, anchor] = target.split('#') as [string, string?]
          const to = file === '' ? path : posix.join(posix.dirname(path), file)
          if (!existsSync(join(root, to))) return true
          return anchor !== undefined && !headings(to).includes(anchor)
        })
      expect(wrong).toEqual([])
    })
  }
})

describe('the guide', () => {
  const running = () => textOf('docs/guide/running.md')

  test('names every option and every exit code of the usage', () => {
    for (const option of usage.match(/--[a-z-]+/g)!) expect(running()).toContain(option)
    for (const code of ['1', '2', '3', '130', '143']) expect(running()).toMatch(new RegExp(`\\| ${code}\\b`))
  })

  test('is reached from the README, page by page', () => {
    const readme = textOf('README.md')
    for (const path of pages.filter((page) => /^docs\/(?:guide|reference)\//.test(page))) {
      expect(readme, path).toContain(`(${path})`)
    }
  })
})
