import type { WorkerSettings } from '../config/worker-config.ts'
import type { AdvertisedSettings } from './advertised.ts'
import { corsOf, type Cors } from './cors.ts'
import { type Listener, type ListenerTls, restListener } from './listener.ts'
import { readListenerTls } from './listener-tls.ts'
import { headerWriter, type HeaderWriter } from './response-headers.ts'

/** What the worker file says of the REST server. */
export interface RestConfig {
  readonly listeners: readonly Listener[]
  /** null: the listeners serve the admin paths, too; empty: nobody does. */
  readonly adminListeners: readonly Listener[] | null
  readonly advertised: AdvertisedSettings
  /** null: no page of another origin may call. */
  readonly cors: Cors | null
  readonly writeHeaders: HeaderWriter
}

/** Throws ConfigError. Key and trust stores are read now. */
export function readRestConfig(
  settings: WorkerSettings,
  props: Readonly<Record<string, string | null>>,
): RestConfig {
  const admin = settings['admin.listeners']
  return {
    listeners: listenersOf('listeners', settings.listeners, props),
    adminListeners: admin === null ? null : listenersOf('admin.listeners', admin, props),
    advertised: {
      host: settings['rest.advertised.host.name'],
      port: settings['rest.advertised.port'],
      protocol: settings['rest.advertised.listener'],
    },
    cors: corsOf(settings['access.control.allow.origin'], settings['access.control.allow.methods']),
    writeHeaders: headerWriter(settings['response.http.headers.config']),
  }
}

function listenersOf(key: string, urls: readonly string[], props: Readonly<Record<string, string | null>>) {
  let tls: ListenerTls | null = null
  return urls.map((url) => restListener(url, () => (tls ??= readListenerTls(props, `${key}.https.`)), key))
}
