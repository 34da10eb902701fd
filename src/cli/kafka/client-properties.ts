import type { ClientSettings } from '../../kafka/client.ts'
import { readConsumerSettings } from '../../kafka/consumer-settings.ts'
import { readProducerSettings } from '../../kafka/producer-settings.ts'
import { securityNames } from '../../kafka/settings.ts'
import { closest } from '../../util/closest.ts'
import { silentLogger } from '../../util/logger.ts'
import { UsageError } from './usage-error.ts'

/** Throws where no client knows the setting: what is typed by hand should not be ignored. */
export function checkNames(given: ClientSettings): void {
  const read = new Set<string>([...securityNames, 'default.api.timeout.ms'])
  const settings = { 'bootstrap.servers': 'localhost:9092', 'group.id': 'none', ...given }
  const watched: ClientSettings = new Proxy(settings, {
    get(target, name) {
      read.add(String(name))
      return Reflect.get(target, name) as unknown
    },
  })
  readProducerSettings(watched, silentLogger)
  readConsumerSettings(watched, silentLogger)
  for (const name of Object.keys(given)) {
    if (read.has(name)) continue
    const similar = closest(name, read)
    const hint = similar === undefined ? '' : ` Did you mean ${similar}?`
    throw new UsageError(`-X ${name}: the clients have no setting of this name.${hint}`)
  }
}
