import { request } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { restListener, type Listener } from '../../src/rest/listener.ts'
import type { PluginCatalog } from '../../src/rest/plugin-catalog.ts'
import { allRoutes } from '../../src/rest/routes/all.ts'
import type { TopicTracking } from '../../src/rest/routes/topics.ts'
import { RestServer, type RestServerOptions } from '../../src/rest/server.ts'
import type { Loggers } from '../../src/util/log/loggers.ts'
import { silentLogger, type Logger } from '../../src/util/logger.ts'
import type { FakeHerder } from './fake-herder.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: unknown
}

/** `body`: text is sent as it is, anything else as JSON. */
type Call = (
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: unknown,
) => Promise<Answer>

/** A REST server on a free port; with a herder it serves all routes, without it is not yet serving. */
export async function openRest(
  herder: FakeHerder | null,
  {
    listener = 'http://127.0.0.1:0',
    log = silentLogger,
    healthTimeoutMs,
    tracking = { isEnabled: true, isResetAllowed: true },
    loggers,
    ...options
  }: Partial<RestServerOptions> & {
    listener?: string
    log?: Logger
    healthTimeoutMs?: number
    tracking?: TopicTracking
    loggers?: Loggers
  } = {},
): Promise<{ rest: RestServer; call: Call }> {
  const rest = await RestServer.open({ listeners: [plainListener(listener)], ...options }, log)
  onTestFinished(() => rest.close())
  if (herder !== null) {
    rest.serve(allRoutes({ herder, catalog, tracking, healthTimeoutMs, loggers, log }))
  }
  const { port } = rest
  return { rest, call: (method, path, headers, body) => call(port, { method, path, headers, body }) }
}

export function plainListener(text: string, key = 'listeners'): Listener {
  return restListener(text, () => expect.fail('An http listener has no use for TLS.'), key)
}

const catalog: PluginCatalog = {
  list: (connectorsOnly) => [
    { class: 'io.acme.Sink', type: 'sink', version: '1' },
    ...(connectorsOnly ? [] : [{ class: 'io.acme.Cast', type: 'transformation', version: '2' }]),
  ],
  config: async (name) => [{ name: `${name}.setting` }],
  validate: async (name, config) => ({ name, config }),
}

/** Sends the path as it is; fetch would tidy it up. */
export function call(
  port: number,
  {
    method,
    path,
    headers,
    body,
  }: { method: string; path: string; headers: Record<string, string> | undefined; body: unknown },
): Promise<Answer> {
  const json = body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { ...json, ...headers }, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: text !== '' && isJson(response.headers['content-type']) ? JSON.parse(text) : undefined,
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json'
}
