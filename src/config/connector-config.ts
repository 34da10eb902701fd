import { configDef, mergeFields, type Fields, type SettingsOf } from './config-def.ts'
import { boolean, classRef, int, list, long, longNumber, short, string } from './fields.ts'
import { validRegex } from './valid-regex.ts'
import {
  atLeast,
  nonEmpty,
  nonEmptyWithoutControlChars,
  nullOr,
  oneOf,
  oneOfIgnoringCase,
  uniqueAliases,
} from './validators.ts'

// Order, groups, widths and display names are what Kafka Connect's validation endpoint answers.
const common = 'Common'
const errors = 'Error Handling'
const exactlyOnce = 'Exactly Once Support'

const pluginVersion = (what: string, orderInGroup: number) =>
  string({
    default: null,
    importance: 'low',
    doc: `Version of the ${what.toLowerCase()}. There is one of each, which is used whatever stands here.`,
    group: common,
    orderInGroup,
    width: 'SHORT',
    displayName: `${what} version`,
  })

const converter = (what: string, orderInGroup: number) =>
  classRef({
    default: null,
    importance: 'low',
    doc: `${what} class. Replaces the worker's, together with all of its settings.`,
    group: common,
    orderInGroup,
    width: 'SHORT',
    displayName: `${what} class`,
  })

export const errorFields = {
  'errors.retry.timeout': longNumber({
    default: 0,
    importance: 'medium',
    doc: 'How long, in ms, a failed operation is tried again: 0 not at all, -1 for ever.',
    group: errors,
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Retry Timeout for Errors',
  }),
  'errors.retry.delay.max.ms': longNumber({
    default: 60000,
    importance: 'medium',
    doc: 'The longest delay, in ms, between two tries.',
    group: errors,
    orderInGroup: 2,
    width: 'MEDIUM',
    displayName: 'Maximum Delay Between Retries for Errors',
  }),
  'errors.tolerance': string({
    default: 'none',
    validate: oneOf('none', 'all'),
    importance: 'medium',
    doc: "What a bad record does: 'none' fails the task, 'all' skips the record.",
    group: errors,
    orderInGroup: 3,
    width: 'SHORT',
    displayName: 'Error Tolerance',
  }),
  'errors.log.enable': boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether each error is logged with what was being done.',
    group: errors,
    orderInGroup: 4,
    width: 'SHORT',
    displayName: 'Log Errors',
  }),
  'errors.log.include.messages': boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether the logged error says which record it was.',
    group: errors,
    orderInGroup: 5,
    width: 'SHORT',
    displayName: 'Log Error Details',
  }),
} satisfies Fields

export const commonFields = {
  'name': string({
    validate: nonEmptyWithoutControlChars,
    importance: 'high',
    doc: 'The name of the connector, unique in its worker.',
    group: common,
    orderInGroup: 1,
    width: 'MEDIUM',
    displayName: 'Connector name',
  }),
  'connector.class': string({
    importance: 'high',
    doc: 'Name or alias of the connector class, such as FileStreamSource.',
    group: common,
    orderInGroup: 2,
    width: 'LONG',
    displayName: 'Connector class',
  }),
  'connector.plugin.version': string({
    default: null,
    importance: 'medium',
    doc: 'Version of the connector. There is one of each, which is used whatever stands here.',
    group: common,
    orderInGroup: 3,
    width: 'MEDIUM',
    displayName: 'Connector version',
  }),
  'tasks.max': int({
    default: 1,
    validate: atLeast(1),
    importance: 'high',
    doc: 'The most tasks that the connector may have.',
    group: common,
    orderInGroup: 4,
    width: 'SHORT',
    displayName: 'Tasks max',
  }),
  'tasks.max.enforce': boolean({
    default: true,
    importance: 'low',
    doc: 'Whether a connector that makes more tasks than tasks.max fails; a warning otherwise. Deprecated.',
    group: common,
    orderInGroup: 5,
    width: 'SHORT',
    displayName: 'Enforce tasks max',
  }),
  'key.converter': converter('Key converter', 6),
  'key.converter.plugin.version': pluginVersion('Key converter', 7),
  'value.converter': converter('Value converter', 8),
  'value.converter.plugin.version': pluginVersion('Value converter', 9),
  'header.converter': converter('Header converter', 10),
  'header.converter.plugin.version': pluginVersion('Header converter', 11),
  'transforms': list({
    default: [],
    validate: uniqueAliases,
    importance: 'low',
    doc: 'Aliases of the transformations that records go through, in order.',
    group: 'Transforms',
    orderInGroup: 12,
    width: 'LONG',
    displayName: 'Transforms',
  }),
  'predicates': list({
    default: [],
    validate: uniqueAliases,
    importance: 'low',
    doc: 'Aliases of the predicates that transformations can refer to.',
    group: 'Predicates',
    orderInGroup: 13,
    width: 'LONG',
    displayName: 'Predicates',
  }),
  'config.action.reload': string({
    default: 'restart',
    validate: oneOf('none', 'restart'),
    importance: 'low',
    doc: 'What to do when a value from a config provider expires: restart the connector, or nothing.',
    group: common,
    orderInGroup: 14,
    width: 'MEDIUM',
    displayName: 'Reload Action',
  }),
  ...errorFields,
} satisfies Fields

export const sourceFields = {
  'topic.creation.groups': list({
    default: [],
    validate: uniqueAliases,
    importance: 'low',
    doc: 'Names of groups of topics that are created with settings of their own, first match first.',
    group: 'Topic Creation',
    orderInGroup: 1,
    width: 'LONG',
    displayName: 'Topic Creation Groups',
  }),
  'exactly.once.support': string({
    default: 'requested',
    validate: oneOfIgnoringCase('requested', 'required'),
    importance: 'medium',
    doc: 'required: with exactly.once.source.support=enabled in the worker file, refuse a connector that does not declare its support. requested: run it in transactions all the same.',
    group: exactlyOnce,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Exactly once support',
  }),
  'transaction.boundary': string({
    default: 'poll',
    validate: oneOfIgnoringCase('poll', 'interval', 'connector'),
    importance: 'medium',
    doc: 'Where transactions end: after every poll, at an interval, or where the connector says. Without effect unless exactly.once.source.support=enabled in the worker file.',
    group: exactlyOnce,
    orderInGroup: 3,
    width: 'SHORT',
    displayName: 'Transaction Boundary',
  }),
  'transaction.boundary.interval.ms': long({
    default: null,
    validate: nullOr(atLeast(0)),
    importance: 'low',
    doc: 'Interval in ms for transaction.boundary=interval; by default offset.flush.interval.ms.',
    group: exactlyOnce,
    orderInGroup: 4,
    width: 'SHORT',
    displayName: 'Transaction boundary interval',
  }),
  'offsets.storage.topic': string({
    default: null,
    validate: nonEmpty,
    importance: 'low',
    doc: "Accepted and without effect: the offsets topic of transactions is the worker's, tsconnect-offsets-<worker id>.",
    group: 'offsets.topic',
    orderInGroup: 1,
    width: 'LONG',
    displayName: 'Offsets topic',
  }),
} satisfies Fields

/** Kafka Connect has them for sinks only, tsconnect for sources, too. */
export const deadLetterFields = {
  'errors.deadletterqueue.topic.name': string({
    default: '',
    importance: 'medium',
    doc: 'Topic for records that could not be processed; empty for none.',
    group: errors,
    orderInGroup: 6,
    width: 'MEDIUM',
    displayName: 'Dead Letter Queue Topic Name',
  }),
  'errors.deadletterqueue.topic.replication.factor': short({
    default: 3,
    importance: 'medium',
    doc: 'Replication factor of the dead letter topic where it has to be created.',
    group: errors,
    orderInGroup: 7,
    width: 'MEDIUM',
    displayName: 'Dead Letter Queue Topic Replication Factor',
  }),
  'errors.deadletterqueue.context.headers.enable': boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether dead letters get headers that say where they come from and what was wrong.',
    group: errors,
    orderInGroup: 8,
    width: 'MEDIUM',
    displayName: 'Enable Error Context Headers',
  }),
} satisfies Fields

export const sinkFields = {
  'topics': list({
    default: '',
    importance: 'high',
    doc: 'Topics to consume, separated by commas.',
    group: common,
    orderInGroup: 4,
    width: 'LONG',
    displayName: 'Topics',
  }),
  'topics.regex': string({
    default: '',
    validate: validRegex,
    importance: 'high',
    doc: 'Instead of topics: a regular expression that matches the whole name of each topic to consume.',
    group: common,
    orderInGroup: 4,
    width: 'LONG',
    displayName: 'Topics regex',
  }),
  ...deadLetterFields,
} satisfies Fields

export type CommonSettings = SettingsOf<typeof commonFields>
export type SourceSettings = CommonSettings & SettingsOf<typeof sourceFields>
export type SinkSettings = CommonSettings & SettingsOf<typeof sinkFields>

export const sourceConnectorConfig = configDef(mergeFields(commonFields, sourceFields))
export const sinkConnectorConfig = configDef(mergeFields(commonFields, sinkFields))
/** What the transactions of a source go by. */
export const transactionConfig = configDef({
  'exactly.once.support': sourceFields['exactly.once.support'],
  'transaction.boundary': sourceFields['transaction.boundary'],
  'transaction.boundary.interval.ms': sourceFields['transaction.boundary.interval.ms'],
})
export const deadLetterConfig = configDef(deadLetterFields)
