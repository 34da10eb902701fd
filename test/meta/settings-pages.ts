import {
  commonFields,
  deadLetterFields,
  sinkFields,
  sourceFields,
} from '../../src/config/connector-config.ts'
import type { Fields } from '../../src/config/config-def.ts'
import { restartConfig } from '../../src/config/restart-config.ts'
import { restFields, tlsFields, workerFields } from '../../src/config/worker-config.ts'
import { ConfigError } from '../../src/errors.ts'
import type { ClientSettings } from '../../src/kafka/client.ts'
import { readConsumerSettings } from '../../src/kafka/consumer-settings.ts'
import { readProducerSettings } from '../../src/kafka/producer-settings.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { createLogger, LogOutput, silentLogger, type Logger } from '../../src/util/logger.ts'
import { note, page, table } from './markdown.ts'
import { settingExamples } from './setting-examples.ts'

/** `docs/reference/worker-settings.md`, out of the definition that reads the worker file. */
export async function workerSettingsPage(): Promise<string> {
  const main = without(workerFields, restFields, tlsFields)
  return page(`# Worker settings
${note}

The settings of the worker file, with Kafka Connect's names. Settings that are not listed are kept: those that begin
with \`producer.\`, \`consumer.\` and \`admin.\` go to the [Kafka clients](client-settings.md), those that begin with
\`key.converter.\`, \`value.converter.\` and \`header.converter.\` to the converters. \`offset.journal.sync\` and
\`startup.broker.timeout.ms\` are tsconnect's own. \`plugin.*\`, \`topic.tracking.*\`, \`metrics.*\` and
\`metric.reporters\` are checked and have no effect yet.

${table(main, settingExamples)}

## REST API

The [REST guide](../guide/rest.md) has examples. \`listeners.https.*\` and \`admin.listeners.https.*\` hold the TLS
settings of https listeners; where there is none of a kind, the settings under [TLS](#tls) count. Of extensions only
\`BasicAuthSecurityRestExtension\` exists; any other is refused, because it may guard the API.

${table(restFields, settingExamples)}

## TLS

They reach https listeners and admin clients, as in Kafka Connect; producers and consumers need the same with their
prefix.

${table(tlsFields, settingExamples)}
`)
}

/** `docs/reference/connector-settings.md`, out of the definitions that read connector files. */
export async function connectorSettingsPage(): Promise<string> {
  const entries = new PluginRegistry(builtinPlugins).entries()
  const connectors = entries.filter(({ kind }) => kind === 'source' || kind === 'sink')
  const sections = (await Promise.all(connectors.map(({ load }) => load()))).map(({ name, doc, config }) =>
    [
      `### ${name.slice(name.lastIndexOf('.') + 1)}`,
      `\`${name}\``,
      ...(doc === undefined ? [] : [doc]),
      table(config.fields, settingExamples),
      ...(config.ownFields === undefined
        ? []
        : ["These are tsconnect's own:", table(config.ownFields, settingExamples)]),
    ].join('\n\n'),
  )
  return page(`# Connector settings
${note}

What may stand in a connector file. \`producer.override.\`, \`consumer.override.\` and \`admin.override.\` change the
[Kafka clients](client-settings.md) of one connector.

## Every connector

${table(commonFields, settingExamples)}

[How errors are handled](../guide/errors.md) says what the settings of errors do together.

[Transforms](transforms.md), [predicates](predicates.md) and [converters](converters.md) have pages of their own. Values can
come from elsewhere, by [config providers](config-providers.md).

These are tsconnect's own:

${table(restartConfig.fields, settingExamples)}

## Source connectors

${table(sourceFields, settingExamples)}

Topics are created with \`topic.creation.<group>.partitions\`, \`topic.creation.<group>.replication.factor\` and any topic
setting as \`topic.creation.<group>.<setting>\`; \`topic.creation.<group>.include\` and \`.exclude\` are lists of regular
expressions for whole names. The group \`default\` takes what no other one does; its two numbers are required as soon as
there is any \`topic.creation.\` setting.

[Dead letters](../guide/errors.md#dead-letters) of sources are tsconnect's own; Kafka Connect has them for sinks only:

${table(deadLetterFields, settingExamples)}

## Sink connectors

${table(sinkFields, settingExamples)}

## Connectors

${sections.join('\n\n')}
`)
}

/** `docs/reference/client-settings.md`, out of what the clients do with each setting that they look at. */
export async function clientSettingsPage(): Promise<string> {
  const producer = classify(readProducerSettings)
  const consumer = classify(readConsumerSettings)
  const onlyOwn = (own: Classified, other: Classified) =>
    own.honoured.filter((name) => !other.refused.includes(name) || own.refused.includes(name))
  const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
  return page(`# Kafka client settings
${note}

Kafka's own names, in three places; later ones win: what tsconnect sets itself, the worker file (\`producer.\`,
\`consumer.\`, \`admin.\`), the connector file (\`producer.override.\`, \`consumer.override.\`, \`admin.override.\`, as far as
\`connector.client.config.override.policy\` allows). Admin clients get the whole worker file besides. \`security.protocol\`,
\`sasl.*\` and \`ssl.*\` without a prefix reach admin clients only, as in Kafka Connect.

tsconnect sets \`acks=all\`, \`delivery.timeout.ms=2147483647\` and \`max.block.ms=9223372036854775807\` for producers, and
\`group.id=connect-<name>\`, \`enable.auto.commit=false\` and \`auto.offset.reset=earliest\` for consumers.

Producers of source tasks and dead letters are idempotent, with up to five requests in flight to a broker: a retry writes
no record twice. At most 512 KiB of a partition, or one batch, are under way at once: that much comes again after a kill. With \`producer.enable.idempotence=false\` they are Kafka Connect's: one request in flight, and a retry may
write records twice. So they are, too, where \`acks\`, \`retries=0\` or more than five requests in flight are asked for, and,
with one warning, where the broker has no producer ids for them. \`enable.idempotence=true\` makes that an error. A connector has no use for \`transactional.id\`:
nothing begins a transaction.

Where nothing is said, three defaults differ from Kafka's: \`batch.size\` (batches are filled up to 512 KiB),
\`buffer.memory\` (4 MiB, or twice \`max.request.size\`) and \`fetch.max.bytes\` (16 MiB). Larger batches are faster; larger
buffers only take memory. \`linger.ms\` is 0 by default, as in Kafka before 4.0.

A setting that is not named here is ignored: it is none of Kafka's, or belongs to somebody else.

## Honoured

Producers: ${listed(onlyOwn(producer, consumer))}.

Consumers: ${listed(onlyOwn(consumer, producer))}.

Admin clients: those of these that say how to reach a broker.

With \`security.protocol\` SSL or SASL_SSL the \`ssl.*\` settings: PEM files, PEM in the settings themselves and PKCS12
stores; a JKS store is refused with the command that converts it. With SASL_PLAINTEXT or SASL_SSL \`sasl.mechanism\`
PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 and \`sasl.jaas.config\`. \`partition.assignment.strategy\` knows Kafka's range,
round-robin, sticky and cooperative-sticky assignors.

## Without effect

They are named once in a warning; only comfort is lost.

Producers: ${listed(producer.warned)}.

Consumers: ${listed(consumer.warned)}.

## Refused

Ignoring them would break a promise, so the client does not start. Values that ask for nothing, such as
\`group.protocol=classic\` and \`enable.auto.commit=false\`, are fine.

Producers: ${listed(producer.refused)}.

Consumers: ${listed(consumer.refused)}.
`)
}

interface Classified {
  readonly honoured: string[]
  readonly warned: string[]
  readonly refused: string[]
}

/** Tries every setting that a client looks at. */
function classify(read: (settings: ClientSettings, log: Logger) => unknown): Classified {
  const names = new Set<string>()
  const base = { 'bootstrap.servers': 'localhost:9092', 'group.id': 'g', 'compression.type': 'gzip' }
  for (const given of [base, { ...base, 'compression.type': 'zstd' }]) {
    read(watched(given, names), silentLogger)
  }
  const found: Classified = { honoured: [], warned: [], refused: [] }
  for (const name of [...names].sort()) {
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'x')
    let problem = ''
    for (const value of ['1', 'true']) {
      try {
        read({ ...base, [name]: value }, log)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        problem += error.message
      }
    }
    if (/is not implemented here|is a Java class/.test(problem)) found.refused.push(name)
    else if (lines.some((line) => line.includes(name))) found.warned.push(name)
    else found.honoured.push(name)
  }
  return found
}

function watched(settings: ClientSettings, names: Set<string>): ClientSettings {
  return new Proxy(settings, {
    get(target, name) {
      if (typeof name === 'string') names.add(name)
      return Reflect.get(target, name) as unknown
    },
  })
}

function without(fields: Fields, ...others: readonly Fields[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !others.some((other) => Object.hasOwn(other, name))),
  )
}
