import { readSettings } from '../json-body.ts'
import type { PluginCatalog } from '../plugin-catalog.ts'
import type { Route } from '../router.ts'
import { isTrue, ok } from './answers.ts'

/** The plugins of this worker, their settings, and whether a connector's settings are right. */
export function pluginRoutes(catalog: PluginCatalog): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/connector-plugins',
      handle({ query }) {
        const connectorsOnly = isTrue(query.get('connectorsOnly') ?? 'true')
        return ok(
          catalog
            .list(connectorsOnly)
            .map(({ class: className, type, version }) => ({ class: className, type, version })),
        )
      },
    },
    {
      method: 'GET',
      path: '/connector-plugins/{plugin}/config',
      async handle({ params }) {
        return ok(await catalog.config(params['plugin']!))
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/{plugin}/config/validate',
      async handle({ params, body }) {
        return ok(await catalog.validate(params['plugin']!, readSettings(body)))
      },
    },
  ]
}
