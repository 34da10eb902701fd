import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PluginKind } from '../../../src/plugins/registry.ts'
import { InvalidConnectorError, readConnectorSettings } from '../../../src/runtime/connector-settings.ts'
import { pluginConfig } from '../../../src/runtime/validation/plugin-config.ts'
import { validateConnector } from '../../../src/runtime/validation/validate-connector.ts'
import { root } from '../../meta/project-files.ts'
import { comparable, registry, viewed, worker } from './recorded-answers.ts'

interface Step {
  readonly kind: string
  readonly method?: string
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly view?: string
  readonly only?: readonly string[]
  readonly expect: { readonly status: number; readonly body: Readonly<Record<string, unknown>> }
}

const stepsOf = (scenario: string) =>
  (
    JSON.parse(readFileSync(join(root, `test/fixtures/scenarios/${scenario}.json`), 'utf8')) as {
      steps: Step[]
    }
  ).steps

/** Variables are the caller's business; the scenarios' own are texts like any other here. */
const hasVariables = (body: unknown) => /\$\{(?:env|file|dir):/.test(JSON.stringify(body))

describe('the recorded answers of PUT /connector-plugins/{plugin}/config/validate', () => {
  for (const scenario of [
    'validate-source',
    'validate-transforms',
    'validate-converters',
    'config-providers',
  ]) {
    stepsOf(scenario).forEach(({ method, path, body, view, only, expect: { status, body: answer } }, i) => {
      const plugin = /^\/connector-plugins\/([^/]+)\/config\/validate$/.exec(path ?? '')?.[1]
      if (method !== 'PUT' || plugin === undefined || body === undefined || hasVariables(body)) return
      test(`${scenario}, step ${i + 1}`, async () => {
        const result = validateConnector(registry, worker, plugin, body as Record<string, string | null>)
        if (status === 200) expect(viewed(comparable(await result), view, only)).toEqual(comparable(answer))
        else await expect(result).rejects.toThrow(essence(answer['message'] as string))
      })
    })
  }
})

describe('the recorded answers of GET /connector-plugins/{plugin}/config', () => {
  const kinds: PluginKind[] = ['source', 'sink', 'converter', 'transformation', 'predicate']
  stepsOf('plugins-config').forEach(({ path, view, expect: { body } }, i) => {
    const name = decodeURIComponent(/^\/connector-plugins\/([^/]+)\/config$/.exec(path)![1]!)
    test(`plugins-config, step ${i + 1}: ${name}`, async () => {
      const kind = kinds.find((each) => isKnown(each, name))!
      const config = pluginConfig(await registry.plugin(kind, name))
      if (view === 'keys') expect({ keys: config.map((each) => each.name) }).toEqual(body)
      else expect(comparable(config)).toEqual(body)
    })
  })
})

describe('the recorded 400s of POST /connectors', () => {
  stepsOf('rest-create-invalid').forEach(({ body, expect: { status, body: answer } }, i) => {
    const { name, config } = (body ?? {}) as { name?: string | null; config?: Record<string, string> }
    const text = String(answer['message'])
    if (status !== 400 || text.includes("doesn't match")) return
    test(`rest-create-invalid, step ${i + 1}`, async () => {
      const props = { name: (name ?? '').trim(), ...config }
      const error = await readConnectorSettings(props, { plugins: registry, workerProps: worker }).catch(
        (thrown: unknown) => thrown as Error,
      )
      if (text.startsWith('Connector configuration is invalid')) {
        expect(error).toBeInstanceOf(InvalidConnectorError)
        expect((error as Error).message).toBe(text)
      } else expect((error as Error).message).toContain(essence(text))
    })
  })
})

function isKnown(kind: PluginKind, name: string): boolean {
  try {
    registry.check(kind, name, '')
    return true
  } catch {
    return false
  }
}

/** Without what Java wraps around it, the other settings of the connector, and the list of what is installed. */
function essence(message: string): string {
  return message
    .replace(/^[\w.]+Exception: /, '')
    .replace(/, available connectors are.*$/s, '')
    .replace(/Connector config \{(?!name=a\}).*\} /, '')
}
