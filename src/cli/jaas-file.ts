import { fileURLToPath } from 'node:url'

/**
 * The JAAS file that the environment names: TSCONNECT_JAAS_CONFIG, or the option that Kafka's own scripts hand to
 * Java in KAFKA_OPTS, of which the last one counts. null: none.
 */
export function jaasFileOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const own = env['TSCONNECT_JAAS_CONFIG']?.trim()
  const option = /^-Djava\.security\.auth\.login\.config==?(.+)$/
  const forJava = (env['KAFKA_OPTS'] ?? '')
    .split(/\s+/)
    .map((word) => option.exec(word)?.[1])
    .filter((path) => path !== undefined)
    .at(-1)
  const path = own || forJava || null
  return path?.startsWith('file:/') === true ? fileURLToPath(new URL(path)) : path
}
