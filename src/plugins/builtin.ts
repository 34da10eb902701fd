import type { PluginEntry, PluginsByKind } from './registry.ts'

const connect = 'org.apache.kafka.connect'
const confluent = 'io.confluent.connect.transforms'
const aiven = 'io.aiven.kafka.connect.transforms'
const jcustenborder = 'com.github.jcustenborder.kafka.connect.transform.common'
const debezium = 'io.debezium.transforms'

/** Everything that comes with tsconnect. A module is read when its plugin is first used. */
export const builtinPlugins: readonly PluginEntry[] = [
  {
    kind: 'source',
    name: `${connect}.file.FileStreamSourceConnector`,
    load: async () => (await import('../connectors/file/source.ts')).fileStreamSource,
  },
  {
    kind: 'sink',
    name: `${connect}.file.FileStreamSinkConnector`,
    load: async () => (await import('../connectors/file/sink.ts')).fileStreamSink,
  },
  ...converter(
    `${connect}.storage.StringConverter`,
    async () => (await import('../converters/string.ts')).stringConverter,
  ),
  ...converter(
    `${connect}.json.JsonConverter`,
    async () => (await import('../converters/json.ts')).jsonConverter,
  ),
  ...converter(
    `${connect}.converters.ByteArrayConverter`,
    async () => (await import('../converters/byte-array.ts')).byteArrayConverter,
  ),
  ...converter(
    `${connect}.converters.BooleanConverter`,
    async () => (await import('../converters/boolean.ts')).booleanConverter,
  ),
  ...converter(
    `${connect}.converters.ShortConverter`,
    async () => (await import('../converters/number.ts')).shortConverter,
  ),
  ...converter(
    `${connect}.converters.IntegerConverter`,
    async () => (await import('../converters/number.ts')).integerConverter,
  ),
  ...converter(
    `${connect}.converters.LongConverter`,
    async () => (await import('../converters/number.ts')).longConverter,
  ),
  ...converter(
    `${connect}.converters.FloatConverter`,
    async () => (await import('../converters/number.ts')).floatConverter,
  ),
  ...converter(
    `${connect}.converters.DoubleConverter`,
    async () => (await import('../converters/number.ts')).doubleConverter,
  ),
  {
    kind: 'header_converter',
    name: `${connect}.storage.SimpleHeaderConverter`,
    load: async () => (await import('../converters/simple-header.ts')).simpleHeaderConverter,
  },
  transform(`${connect}.transforms.Filter`, async () => (await import('../transforms/filter.ts')).filter),
  {
    ...transform(
      `${connect}.transforms.RegexRouter`,
      async () => (await import('../transforms/regex-router.ts')).regexRouter,
    ),
    aliases: ['io.confluent.connect.cloud.transforms.TopicRegexRouter'],
  },
  transform(
    `${connect}.transforms.HoistField$Key`,
    async () => (await import('../transforms/hoist-field.ts')).hoistField.key,
  ),
  transform(
    `${connect}.transforms.HoistField$Value`,
    async () => (await import('../transforms/hoist-field.ts')).hoistField.value,
  ),
  transform(
    `${connect}.transforms.InsertField$Key`,
    async () => (await import('../transforms/insert-field.ts')).insertField.key,
  ),
  transform(
    `${connect}.transforms.InsertField$Value`,
    async () => (await import('../transforms/insert-field.ts')).insertField.value,
  ),
  ...keyAndValue(`${connect}.transforms.Cast`, async () => (await import('../transforms/cast.ts')).cast),
  transform(
    `${connect}.transforms.DropHeaders`,
    async () => (await import('../transforms/drop-headers.ts')).dropHeaders,
  ),
  ...keyAndValue(
    `${connect}.transforms.ExtractField`,
    async () => (await import('../transforms/extract-field.ts')).extractField,
  ),
  ...keyAndValue(
    `${connect}.transforms.Flatten`,
    async () => (await import('../transforms/flatten.ts')).flatten,
  ),
  ...keyAndValue(
    `${connect}.transforms.HeaderFrom`,
    async () => (await import('../transforms/header-from.ts')).headerFrom,
  ),
  transform(
    `${connect}.transforms.InsertHeader`,
    async () => (await import('../transforms/insert-header.ts')).insertHeader,
  ),
  ...keyAndValue(
    `${connect}.transforms.MaskField`,
    async () => (await import('../transforms/mask-field.ts')).maskField,
  ),
  ...keyAndValue(
    `${connect}.transforms.ReplaceField`,
    async () => (await import('../transforms/replace-field.ts')).replaceField,
    `${confluent}.ReplaceField`,
  ),
  ...keyAndValue(
    `${connect}.transforms.SetSchemaMetadata`,
    async () => (await import('../transforms/set-schema-metadata.ts')).setSchemaMetadata,
  ),
  ...keyAndValue(
    `${connect}.transforms.TimestampConverter`,
    async () => (await import('../transforms/timestamp-converter.ts')).timestampConverter,
  ),
  transform(
    `${connect}.transforms.TimestampRouter`,
    async () => (await import('../transforms/timestamp-router.ts')).timestampRouter,
  ),
  transform(
    `${connect}.transforms.ValueToKey`,
    async () => (await import('../transforms/value-to-key.ts')).valueToKey,
  ),
  ...keyAndValue(
    `${confluent}.Filter`,
    async () => (await import('../transforms/third-party/confluent-filter.ts')).confluentFilter,
  ),
  ...keyAndValue(`${confluent}.Drop`, async () => (await import('../transforms/third-party/drop.ts')).drop),
  ...keyAndValue(
    `${confluent}.ExtractTopic`,
    async () => (await import('../transforms/third-party/extract-topic.ts')).extractTopic,
  ),
  transform(
    `${confluent}.ExtractTopic$Header`,
    async () => (await import('../transforms/third-party/extract-topic.ts')).extractTopic.header,
  ),
  ...keyAndValue(
    `${confluent}.GzipDecompress`,
    async () => (await import('../transforms/third-party/gzip-decompress.ts')).gzipDecompress,
  ),
  transform(
    `${confluent}.MessageTimestampRouter`,
    async () =>
      (await import('../transforms/third-party/message-timestamp-router.ts')).messageTimestampRouter,
  ),
  transform(
    `${confluent}.TombstoneHandler`,
    async () => (await import('../transforms/third-party/tombstones.ts')).confluentTombstoneHandler,
  ),
  ...keyAndValue(
    `${aiven}.ExtractTimestamp`,
    async () => (await import('../transforms/third-party/extract-timestamp.ts')).extractTimestamp,
  ),
  ...keyAndValue(
    `${aiven}.ExtractTopic`,
    async () => (await import('../transforms/third-party/aiven-extract-topic.ts')).aivenExtractTopic,
  ),
  ...keyAndValue(`${aiven}.Hash`, async () => (await import('../transforms/third-party/hash.ts')).hash),
  transform(
    `${aiven}.MakeTombstone`,
    async () => (await import('../transforms/third-party/tombstones.ts')).makeTombstone,
  ),
  transform(
    `${aiven}.TombstoneHandler`,
    async () => (await import('../transforms/third-party/tombstones.ts')).aivenTombstoneHandler,
  ),
  ...keyAndValue(
    `${aiven}.CaseTransform`,
    async () => (await import('../transforms/third-party/case-transform.ts')).caseTransform,
  ),
  ...keyAndValue(
    `${aiven}.ConcatFields`,
    async () => (await import('../transforms/third-party/concat-fields.ts')).concatFields,
  ),
  transform(
    `${aiven}.KeyToValue`,
    async () => (await import('../transforms/third-party/key-to-value.ts')).keyToValue,
  ),
  transform(
    `${aiven}.ExtractTopicFromSchemaName$Value`,
    async () =>
      (await import('../transforms/third-party/extract-topic-from-schema-name.ts'))
        .extractTopicFromSchemaName,
  ),
  ...keyAndValue(
    `${aiven}.FilterByFieldValue`,
    async () => (await import('../transforms/third-party/filter-by-field-value.ts')).filterByFieldValue,
  ),
  ...keyAndValue(
    `${jcustenborder}.BytesToString`,
    async () => (await import('../transforms/third-party/bytes-to-string.ts')).bytesToString,
  ),
  ...keyAndValue(
    `${jcustenborder}.HeaderToField`,
    async () => (await import('../transforms/third-party/header-to-field.ts')).headerToField,
  ),
  ...keyAndValue(
    `${jcustenborder}.ChangeCase`,
    async () => (await import('../transforms/third-party/change-case.ts')).changeCaseOfFields,
  ),
  ...keyAndValue(
    `${jcustenborder}.PatternRename`,
    async () => (await import('../transforms/third-party/pattern-rename.ts')).patternRename,
  ),
  ...keyAndValue(
    `${jcustenborder}.PatternFilter`,
    async () => (await import('../transforms/third-party/pattern-filter.ts')).patternFilter,
  ),
  ...keyAndValue(`${jcustenborder}.ToJSON`, async () => {
    const { jsonConverter } = await import('../converters/json.ts')
    return (await import('../transforms/third-party/to-json.ts')).toJson(jsonConverter)
  }),
  ...keyAndValue(
    `${jcustenborder}.TopicNameToField`,
    async () => (await import('../transforms/third-party/topic-name-to-field.ts')).topicNameToField,
  ),
  transform(
    `${jcustenborder}.TimestampNow`,
    async () => (await import('../transforms/third-party/timestamp-now.ts')).timestampNow,
  ),
  ...keyAndValue(
    `${jcustenborder}.TimestampNowField`,
    async () => (await import('../transforms/third-party/timestamp-now.ts')).timestampNowField,
  ),
  transform(
    `${jcustenborder}.ChangeTopicCase`,
    async () => (await import('../transforms/third-party/change-topic-case.ts')).changeTopicCase,
  ),
  ...keyAndValue(
    `${jcustenborder}.ExtractNestedField`,
    async () => (await import('../transforms/third-party/extract-nested-field.ts')).extractNestedField,
  ),
  ...keyAndValue(
    `${jcustenborder}.SetNull`,
    async () => (await import('../transforms/third-party/set-null.ts')).setNull,
  ),
  ...keyAndValue(
    `${jcustenborder}.ToLong`,
    async () => (await import('../transforms/third-party/to-long.ts')).toLong,
  ),
  ...keyAndValue(
    `${jcustenborder}.SetMaximumPrecision`,
    async () => (await import('../transforms/third-party/set-maximum-precision.ts')).setMaximumPrecision,
  ),
  ...keyAndValue(
    `${jcustenborder}.AdjustPrecisionAndScale`,
    async () =>
      (await import('../transforms/third-party/adjust-precision-and-scale.ts')).adjustPrecisionAndScale,
  ),
  ...keyAndValue(
    `${jcustenborder}.NormalizeSchema`,
    async () => (await import('../transforms/third-party/normalize-schema.ts')).normalizeSchema,
  ),
  {
    ...transform(
      `${debezium}.ExtractNewRecordState`,
      async () => (await import('../transforms/debezium/extract-new-record-state.ts')).extractNewRecordState,
    ),
    aliases: [`${debezium}.UnwrapFromEnvelope`],
  },
  transform(
    `${debezium}.ByLogicalTableRouter`,
    async () => (await import('../transforms/debezium/logical-table-router.ts')).byLogicalTableRouter,
  ),
  transform(
    `${debezium}.ToLogicalTopicRouter`,
    async () => (await import('../transforms/debezium/logical-table-router.ts')).toLogicalTopicRouter,
  ),
  transform(
    `${debezium}.ExtractChangedRecordState`,
    async () =>
      (await import('../transforms/debezium/extract-changed-record-state.ts')).extractChangedRecordState,
  ),
  transform(
    `${debezium}.HeaderToValue`,
    async () => (await import('../transforms/debezium/header-to-value.ts')).headerToValue,
  ),
  {
    ...transform(
      `${debezium}.partitions.PartitionRouting`,
      async () => (await import('../transforms/debezium/partition-routing.ts')).partitionRouting,
    ),
    aliases: [`${debezium}.PartitionRouting`],
  },
  transform(
    `${debezium}.SchemaChangeEventFilter`,
    async () =>
      (await import('../transforms/debezium/schema-change-event-filter.ts')).schemaChangeEventFilter,
  ),
  transform(
    `${debezium}.outbox.EventRouter`,
    async () => (await import('../transforms/debezium/event-router.ts')).eventRouter,
  ),
  ...keyAndValue(
    'com.github.cedelsb.kafka.connect.smt.Record2JsonStringConverter',
    async () => (await import('../transforms/third-party/record-to-json-string.ts')).recordToJsonString,
  ),
  transform(
    'io.debezium.connector.mongodb.transforms.ExtractNewDocumentState',
    async () =>
      (await import('../transforms/debezium/extract-new-document-state.ts')).extractNewDocumentState,
  ),
  predicate(
    `${connect}.transforms.predicates.TopicNameMatches`,
    async () => (await import('../predicates/topic-name-matches.ts')).topicNameMatches,
  ),
  predicate(
    `${connect}.transforms.predicates.HasHeaderKey`,
    async () => (await import('../predicates/has-header-key.ts')).hasHeaderKey,
  ),
  predicate(
    `${connect}.transforms.predicates.RecordIsTombstone`,
    async () => (await import('../predicates/record-is-tombstone.ts')).recordIsTombstone,
  ),
]

/** Kafka's converters of keys and values serve headers as well. */
function converter(name: string, load: PluginEntry<'converter'>['load']): readonly PluginEntry[] {
  return [
    { kind: 'converter', name, load },
    { kind: 'header_converter', name, load },
  ]
}

function transform(name: string, load: PluginEntry<'transformation'>['load']): PluginEntry {
  return { kind: 'transformation', name, load }
}

/** A transform in its two forms, `<name>$Key` and `<name>$Value`; also under a second name where it has one. */
function keyAndValue(
  name: string,
  load: () => Promise<Readonly<Record<'key' | 'value', PluginsByKind['transformation']>>>,
  alias?: string,
): readonly PluginEntry[] {
  const form = (part: 'key' | 'value', suffix: string): PluginEntry => ({
    ...transform(`${name}$${suffix}`, async () => (await load())[part]),
    ...(alias === undefined ? {} : { aliases: [`${alias}$${suffix}`] }),
  })
  return [form('key', 'Key'), form('value', 'Value')]
}

function predicate(name: string, load: PluginEntry<'predicate'>['load']): PluginEntry {
  return { kind: 'predicate', name, load }
}
