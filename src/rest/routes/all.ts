import type { Loggers } from '../../util/log/loggers.ts'
import type { Logger } from '../../util/logger.ts'
import type { Herder } from '../herder.ts'
import type { PluginCatalog } from '../plugin-catalog.ts'
import type { Route } from '../router.ts'
import { connectorRoutes } from './connectors.ts'
import { healthRoutes } from './health.ts'
import { loggerRoutes } from './loggers.ts'
import { offsetRoutes } from './offsets.ts'
import { pluginRoutes } from './plugins.ts'
import { rootRoutes } from './root.ts'
import { taskRoutes } from './tasks.ts'
import { topicRoutes, type TopicTracking } from './topics.ts'

export interface RoutesDeps {
  readonly herder: Herder
  readonly catalog: PluginCatalog
  readonly tracking: TopicTracking
  readonly healthTimeoutMs?: number | undefined
  /** Without them `/admin/loggers` is not served here. */
  readonly loggers?: Loggers | undefined
  readonly log?: Logger | undefined
}

/** Every path of the main listener. */
export function allRoutes(deps: RoutesDeps): readonly Route[] {
  const { herder, catalog, tracking, healthTimeoutMs, loggers, log } = deps
  return [
    ...rootRoutes(herder, healthTimeoutMs),
    ...connectorRoutes(herder),
    ...taskRoutes(herder),
    ...topicRoutes(herder, tracking),
    ...offsetRoutes(herder),
    ...healthRoutes(herder),
    ...pluginRoutes(catalog),
    ...(loggers === undefined ? [] : loggerRoutes(loggers, log)),
  ]
}
