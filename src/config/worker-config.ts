import { configDef, type Fields, type SettingsOf } from './config-def.ts'
import { boolean, classRef, int, list, long, longNumber, password, string } from './fields.ts'
import { parseHeaderRules } from './header-rules.ts'
import { adminListenerUrls, listenerUrls } from './listeners.ts'
import { atLeast, oneOf, oneOfIgnoringCase, type Validator } from './validators.ts'

const low = 'low' as const
const medium = 'medium' as const
const high = 'high' as const

const headerRules: Validator = {
  description: 'comma-separated header rules, each [action] [header name]:[header value]',
  check(_, value) {
    parseHeaderRules((value as string | null) ?? '')
  },
}

const tlsText = (doc: string) => string({ default: null, importance: medium, doc })
const secret = (doc: string) => password({ default: null, importance: high, doc })

/** TLS of https listeners and, where they carry no prefix, of admin clients. */
export const tlsFields = {
  'ssl.client.auth': string({
    default: 'none',
    validate: oneOf('required', 'requested', 'none'),
    importance: low,
    doc: 'Whether https listeners ask for client certificates.',
  }),
  'ssl.protocol': string({ default: 'TLSv1.3', importance: medium, doc: 'TLS protocol.' }),
  'ssl.enabled.protocols': list({
    default: 'TLSv1.2,TLSv1.3',
    importance: medium,
    doc: 'TLS versions offered.',
  }),
  'ssl.keystore.type': string({ default: 'JKS', importance: medium, doc: 'Format of the key store.' }),
  'ssl.truststore.type': string({ default: 'JKS', importance: medium, doc: 'Format of the trust store.' }),
  'ssl.endpoint.identification.algorithm': string({
    default: 'https',
    importance: low,
    doc: 'How clients check the name of the server; empty: not at all.',
  }),
  'ssl.keymanager.algorithm': string({
    default: 'SunX509',
    importance: low,
    doc: 'Known for compatibility; without effect.',
  }),
  'ssl.trustmanager.algorithm': string({
    default: 'PKIX',
    importance: low,
    doc: 'Known for compatibility; without effect.',
  }),
  'ssl.keystore.location': string({ default: null, importance: high, doc: 'File of the key store.' }),
  'ssl.truststore.location': string({ default: null, importance: high, doc: 'File of the trust store.' }),
  'ssl.provider': tlsText('Known for compatibility; without effect.'),
  'ssl.cipher.suites': list({
    default: null,
    importance: low,
    doc: 'Cipher suites offered; all that are safe by default.',
  }),
  'ssl.secure.random.implementation': string({
    default: null,
    importance: low,
    doc: 'Known for compatibility; without effect.',
  }),
  'ssl.engine.factory.class': classRef({
    default: null,
    importance: low,
    doc: 'Known for compatibility; without effect.',
  }),
  'ssl.keystore.password': secret('Password of the key store.'),
  'ssl.key.password': secret('Password of the private key.'),
  'ssl.truststore.password': secret('Password of the trust store.'),
  'ssl.keystore.key': secret('Private key, as PEM.'),
  'ssl.keystore.certificate.chain': secret('Certificate chain, as PEM.'),
  'ssl.truststore.certificates': secret('Trusted certificates, as PEM.'),
} satisfies Fields

export const restFields = {
  // Kafka Connect's default, http://:8083, opens the port, which can run any plugin, to everybody.
  'listeners': list({
    default: 'http://localhost:8083',
    validate: listenerUrls,
    importance: low,
    doc: 'Where the REST API listens. An empty host means all interfaces, port 0 any free one.',
  }),
  'rest.advertised.host.name': string({
    default: null,
    importance: low,
    doc: 'Host name that others are told.',
  }),
  'rest.advertised.port': int({ default: null, importance: low, doc: 'Port that others are told.' }),
  'rest.advertised.listener': string({
    default: null,
    importance: low,
    doc: 'Which listener is advertised: http or https.',
  }),
  'access.control.allow.origin': string({
    default: '',
    importance: low,
    doc: 'Origins that browsers may call the REST API from; empty: none.',
  }),
  'access.control.allow.methods': string({
    default: '',
    importance: low,
    doc: 'Methods that such calls may use; empty: GET, POST, HEAD.',
  }),
  'response.http.headers.config': string({
    default: '',
    validate: headerRules,
    importance: low,
    doc: 'Headers added to REST responses, such as "set X-Frame-Options: DENY".',
  }),
  'admin.listeners': list({
    default: null,
    validate: adminListenerUrls,
    importance: low,
    doc: 'Where /admin is served: unset on the main listeners, empty nowhere, else on these.',
  }),
  'rest.extension.classes': list({
    default: '',
    importance: low,
    doc: 'REST extensions, in the order of loading.',
  }),
} satisfies Fields

export const workerFields = {
  'bootstrap.servers': list({
    default: 'localhost:9092',
    importance: high,
    doc: 'Kafka brokers to begin with, host:port.',
  }),
  'client.dns.lookup': string({
    default: 'use_all_dns_ips',
    validate: oneOf('use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'),
    importance: medium,
    doc: 'How clients use the answers of name lookups.',
  }),
  'key.converter': classRef({
    importance: high,
    doc: 'Converter of keys, for connectors without one of their own; key.converter.* are its settings.',
  }),
  'value.converter': classRef({
    importance: high,
    doc: 'Converter of values, for connectors without one of their own; value.converter.* are its settings.',
  }),
  'header.converter': classRef({
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: low,
    doc: 'Converter of headers; header.converter.* are its settings.',
  }),
  'offset.storage.file.filename': string({
    importance: high,
    doc: 'File that keeps the offsets of source connectors.',
  }),
  'offset.journal.sync': string({
    default: 'batch',
    validate: oneOf('batch', 'interval'),
    importance: low,
    doc: 'When offsets are forced to the disk: after every acknowledged batch, or every offset.flush.interval.ms. A kill loses nothing either way; this is about power cuts.',
  }),
  'embedded.broker.flush': string({
    default: 'interval',
    validate: oneOf('always', 'interval', 'never'),
    importance: low,
    doc: 'When --embedded-broker forces records to the disk: before it acknowledges them, every second, or when the system does. A kill loses nothing in any case; this is about power cuts.',
  }),
  'offset.flush.interval.ms': longNumber({
    default: 60000,
    importance: low,
    doc: 'How often, in ms, offsets are committed.',
  }),
  'offset.flush.timeout.ms': longNumber({
    default: 5000,
    importance: low,
    doc: 'How long, in ms, a commit may take, and a stopping task waits for acknowledgements.',
  }),
  'exactly.once.source.support': string({
    default: 'disabled',
    validate: oneOfIgnoringCase('disabled', 'preparing', 'enabled'),
    importance: high,
    doc: 'enabled: source tasks write their records and offsets in Kafka transactions, so that readers of committed records see every record once, whenever the worker dies. Needs a broker with transactions. Kafka Connect has it in distributed mode only.',
  }),
  'task.shutdown.graceful.timeout.ms': longNumber({
    default: 5000,
    importance: low,
    doc: 'How long, in ms, the tasks of one stop have together.',
  }),
  'startup.broker.timeout.ms': longNumber({
    default: 60000,
    validate: atLeast(-1),
    importance: low,
    doc: 'How long, in ms, a starting worker waits for the Kafka brokers; -1: for ever.',
  }),
  'plugin.path': list({ default: null, importance: low, doc: 'Folders of plugins.' }),
  'plugin.discovery': string({
    default: 'hybrid_warn',
    validate: oneOfIgnoringCase('only_scan', 'hybrid_warn', 'hybrid_fail', 'service_load'),
    importance: low,
    doc: 'Known for compatibility; plugins are found by name.',
  }),
  'config.providers': list({
    default: [],
    importance: low,
    doc: 'Names of config providers; config.providers.<name>.class and .param.* define each. env, file and dir are there without being named.',
  }),
  'connector.client.config.override.policy': string({
    default: 'All',
    importance: medium,
    doc: 'Which client settings connectors may override: All, None or Principal.',
  }),
  'topic.creation.enable': boolean({
    default: true,
    importance: low,
    doc: 'Whether source connectors may create topics with settings of their own.',
  }),
  'topic.tracking.enable': boolean({
    default: true,
    importance: low,
    doc: 'Whether the topics that connectors use are recorded.',
  }),
  'topic.tracking.allow.reset': boolean({
    default: true,
    importance: low,
    doc: 'Whether that record may be reset by a REST request.',
  }),
  'metrics.sample.window.ms': long({
    default: 30000,
    validate: atLeast(0),
    importance: low,
    doc: 'Length, in ms, of one sample of a metric.',
  }),
  'metrics.num.samples': int({
    default: 2,
    validate: atLeast(1),
    importance: low,
    doc: 'How many samples are kept.',
  }),
  'metrics.recording.level': string({
    default: 'INFO',
    validate: oneOf('INFO', 'DEBUG'),
    importance: low,
    doc: 'The most detailed metrics that are recorded.',
  }),
  'metric.reporters': list({
    default: 'org.apache.kafka.common.metrics.JmxReporter',
    importance: low,
    doc: 'Known for compatibility; without effect.',
  }),
  ...restFields,
  ...tlsFields,
} satisfies Fields

export type WorkerSettings = SettingsOf<typeof workerFields>

/** The worker file. Settings that are not named here are kept: they feed clients, converters and providers. */
export const workerConfig = configDef(workerFields)
