import { vi } from 'vitest'

/** A record before a transform; what it is afterwards is computed. Keys and values are JSON. */
export interface Example {
  readonly settings: Readonly<Record<string, string>>
  readonly topic?: string
  readonly key?: unknown
  readonly value: unknown
  readonly headers?: readonly (readonly [name: string, value: unknown])[]
  readonly timestamp?: number
}

// Some transforms look at the clock: the examples are all run at this moment.
vi.useFakeTimers({ toFake: ['Date'], now: 1483425001864 })

/** By the name of the transform or predicate without package and without `$Key` or `$Value`. */
export const examples: Readonly<Record<string, Example>> = {
  'Cast': { settings: { spec: 'amount:float64,paid:boolean' }, value: { amount: '12.5', paid: 1 } },
  'DropHeaders': {
    settings: { headers: 'trace' },
    value: 'x',
    headers: [
      ['trace', 'abc'],
      ['source', 'shop'],
    ],
  },
  'ExtractField': { settings: { field: 'id' }, value: { id: 7, name: 'Ada' } },
  'Filter': { settings: {}, value: { status: 'failed' } },
  'Flatten': { settings: { delimiter: '_' }, value: { order: { id: 7, total: 12.5 } } },
  'HeaderFrom': {
    settings: { fields: 'trace', headers: 'x-trace', operation: 'move' },
    value: { trace: 'abc', id: 7 },
  },
  'HoistField': { settings: { field: 'line' }, value: 'hello' },
  'InsertField': {
    settings: { 'topic.field': 'topic', 'static.field': 'site', 'static.value': 'oslo' },
    value: { id: 7 },
  },
  'InsertHeader': { settings: { 'header': 'retries', 'value.literal': '3' }, value: 'x' },
  'MaskField': {
    settings: { fields: 'card', replacement: '****' },
    value: { card: '4111-1111', city: 'Oslo' },
  },
  'RegexRouter': { settings: { regex: '(.*)-v1', replacement: '$1' }, topic: 'orders-v1', value: 'x' },
  'ReplaceField': {
    settings: { exclude: 'internal', renames: 'id:order' },
    value: { id: 7, internal: true, total: 3 },
  },
  'SetSchemaMetadata': {
    settings: { 'schema.name': 'order', 'schema.version': '2' },
    value: {
      schema: { type: 'struct', fields: [{ type: 'int32', field: 'id' }] },
      payload: { id: 7 },
    },
  },
  'TimestampConverter': {
    settings: { 'target.type': 'string', 'format': "yyyy-MM-dd'T'HH:mm:ss", 'field': 'at' },
    value: { at: 1483425001864 },
  },
  'TimestampRouter': {
    settings: { 'topic.format': '${topic}-${timestamp}', 'timestamp.format': 'yyyyMMdd' },
    topic: 'orders',
    timestamp: 1483425001864,
    value: 'x',
  },
  'ValueToKey': { settings: { fields: 'id' }, value: { id: 7, total: 12.5 } },
  'TopicNameMatches': { settings: { pattern: 'orders-.*' }, topic: 'orders-eu', value: 'x' },
  'HasHeaderKey': { settings: { name: 'trace' }, value: 'x', headers: [['trace', 'abc']] },
  'RecordIsTombstone': { settings: {}, value: null },
  'com.github.cedelsb.kafka.connect.smt.Record2JsonStringConverter': {
    settings: { 'json.string.field.name': 'order' },
    value: {
      schema: {
        type: 'struct',
        fields: [
          { type: 'int64', field: 'id' },
          { type: 'int64', name: 'org.apache.kafka.connect.data.Timestamp', version: 1, field: 'at' },
        ],
      },
      payload: { id: 7, at: 1483425001864 },
    },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.BytesToString': {
    settings: {},
    value: { schema: { type: 'bytes' }, payload: 'aGVsbG8=' },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.AdjustPrecisionAndScale': {
    settings: { 'precision.mode': 'undefined', 'scale.mode': 'max', 'scale.value': '1' },
    value: {
      schema: {
        type: 'struct',
        fields: [
          {
            type: 'bytes',
            name: 'org.apache.kafka.connect.data.Decimal',
            parameters: { scale: '3' },
            field: 'price',
          },
        ],
      },
      payload: { price: 12.375 },
    },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.ChangeCase': {
    settings: { from: 'UPPER_UNDERSCORE', to: 'LOWER_CAMEL' },
    value: { FIRST_NAME: 'Ada', ADDRESS: { ZIP_CODE: '0150' } },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.ChangeTopicCase': {
    settings: { from: 'UPPER_UNDERSCORE', to: 'LOWER_HYPHEN' },
    topic: 'NEW_ORDERS',
    value: 'x',
  },
  'com.github.jcustenborder.kafka.connect.transform.common.ExtractNestedField': {
    settings: {
      'input.outer.field.name': 'address',
      'input.inner.field.name': 'city',
      'output.field.name': 'city',
    },
    value: { id: 7, address: { city: 'Oslo' } },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.HeaderToField': {
    settings: { 'header.mappings': 'trace:STRING,attempt:INT32:try' },
    value: { id: 7 },
    headers: [
      ['trace', 'abc'],
      ['attempt', '2'],
    ],
  },
  'com.github.jcustenborder.kafka.connect.transform.common.NormalizeSchema': {
    settings: {},
    value: {
      schema: { type: 'struct', name: 'order', version: 1, fields: [{ type: 'int32', field: 'id' }] },
      payload: { id: 7 },
    },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.PatternFilter': {
    settings: { pattern: 'test-.*', fields: 'customer' },
    value: { customer: 'test-7' },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.PatternRename': {
    settings: { 'field.pattern': '^cust_', 'field.replacement': 'customer_' },
    value: { cust_id: 7, total: 3 },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.SetMaximumPrecision': {
    settings: { 'precision.max': '38' },
    value: {
      schema: {
        type: 'struct',
        fields: [
          {
            type: 'bytes',
            name: 'org.apache.kafka.connect.data.Decimal',
            parameters: { 'scale': '2', 'connect.decimal.precision': '64' },
            field: 'price',
          },
        ],
      },
      payload: { price: 12.25 },
    },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.SetNull': {
    settings: {},
    key: 7,
    value: { id: 7 },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.TimestampNow': {
    settings: {},
    timestamp: 1,
    value: 'x',
  },
  'com.github.jcustenborder.kafka.connect.transform.common.TimestampNowField': {
    settings: { fields: 'seen' },
    value: {
      schema: { type: 'struct', fields: [{ type: 'int32', field: 'id' }] },
      payload: { id: 7 },
    },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.ToJSON': {
    settings: {},
    value: { id: 7, lines: [1, 2] },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.ToLong': {
    settings: { fields: 'n' },
    value: { n: 7.9, text: 'x' },
  },
  'com.github.jcustenborder.kafka.connect.transform.common.TopicNameToField': {
    settings: { field: 'topic' },
    value: { id: 7 },
  },
  'io.aiven.kafka.connect.transforms.CaseTransform': {
    settings: { 'field.names': 'country', 'case': 'upper' },
    value: { country: 'no', city: 'Oslo' },
  },
  'io.aiven.kafka.connect.transforms.ConcatFields': {
    settings: { 'field.names': 'city,zip', 'output.field.name': 'place', 'delimiter': '/' },
    value: { zip: '0150', city: 'Oslo' },
  },
  'io.aiven.kafka.connect.transforms.ExtractTimestamp': {
    settings: { 'field.name': 'at' },
    value: { at: 1483425001864 },
  },
  'io.aiven.kafka.connect.transforms.ExtractTopic': {
    settings: { 'field.name': 'kind' },
    value: { kind: 'bills' },
  },
  'io.aiven.kafka.connect.transforms.ExtractTopicFromSchemaName': {
    settings: { 'schema.name.regex': '([^.]*)$' },
    value: {
      schema: {
        type: 'struct',
        name: 'com.acme.Order',
        version: 1,
        fields: [{ type: 'int32', field: 'id' }],
      },
      payload: { id: 7 },
    },
  },
  'io.aiven.kafka.connect.transforms.FilterByFieldValue': {
    settings: { 'field.name': 'status', 'field.value': 'failed', 'field.value.matches': 'false' },
    value: { status: 'failed' },
  },
  'io.aiven.kafka.connect.transforms.Hash': {
    settings: { 'field.name': 'card', 'function': 'sha1' },
    value: {
      schema: { type: 'struct', fields: [{ type: 'string', field: 'card' }] },
      payload: { card: '4111' },
    },
  },
  'io.aiven.kafka.connect.transforms.KeyToValue': {
    settings: { 'key.fields': 'id', 'value.fields': 'order' },
    key: { id: 7 },
    value: { total: 3 },
  },
  'io.aiven.kafka.connect.transforms.MakeTombstone': { settings: {}, key: 7, value: { id: 7 } },
  'io.aiven.kafka.connect.transforms.TombstoneHandler': {
    settings: { behavior: 'drop_silent' },
    value: null,
  },
  'io.confluent.connect.transforms.Drop': { settings: {}, key: 7, value: { id: 7 } },
  'io.confluent.connect.transforms.ExtractTopic': { settings: { field: 'kind' }, value: { kind: 'bills' } },
  'io.confluent.connect.transforms.ExtractTopic$Header': {
    settings: { field: 'kind' },
    value: 'x',
    headers: [['kind', 'bills']],
  },
  'io.confluent.connect.transforms.Filter': {
    settings: { 'filter.condition': "$[?(@.status == 'failed')]", 'filter.type': 'exclude' },
    value: { status: 'failed' },
  },
  'io.confluent.connect.transforms.GzipDecompress': {
    settings: {},
    value: { schema: { type: 'bytes' }, payload: 'H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==' },
  },
  'io.confluent.connect.transforms.MessageTimestampRouter': {
    settings: {
      'message.timestamp.keys': 'made,changed',
      'message.timestamp.format': 'dd.MM.yyyy HH:mm',
      'topic.timestamp.format': 'yyyy.MM',
    },
    value: { id: 7, changed: '03.01.2017 06:31' },
  },
  'io.confluent.connect.transforms.TombstoneHandler': { settings: { behavior: 'ignore' }, value: null },
  'io.debezium.connector.mongodb.transforms.ExtractNewDocumentState': {
    settings: { 'flatten.struct': 'true' },
    key: documentKey('{"$oid": "5f1a"}'),
    value: {
      schema: {
        type: 'struct',
        name: 'srv.shop.customers.Envelope',
        version: 1,
        fields: [
          { type: 'string', optional: true, field: 'after' },
          { type: 'string', field: 'op' },
        ],
      },
      payload: { after: '{"_id": {"$oid": "5f1a"}, "name": "Ada", "address": {"city": "Oslo"}}', op: 'c' },
    },
  },
  'io.debezium.transforms.ByLogicalTableRouter': {
    settings: { 'topic.regex': '(.*)_shard\\d+', 'topic.replacement': '$1' },
    topic: 'customers_shard1',
    key: customerKey(7),
    value: null,
  },
  'io.debezium.transforms.HeaderToValue': {
    settings: { headers: 'trace', fields: 'source.trace', operation: 'move' },
    value: changeEvent('c', { after: { id: 7, name: 'Ada' } }),
    headers: [['trace', { schema: { type: 'string' }, payload: 'abc' }]],
  },
  'io.debezium.transforms.SchemaChangeEventFilter': {
    settings: { 'schema.change.event.exclude.list': 'DROP,TRUNCATE' },
    topic: 'srv',
    value: {
      schema: {
        type: 'struct',
        name: 'io.debezium.connector.mysql.SchemaChangeValue',
        version: 1,
        fields: [
          { type: 'string', field: 'ddl' },
          {
            type: 'array',
            items: { type: 'struct', fields: [{ type: 'string', field: 'type' }] },
            field: 'tableChanges',
          },
        ],
      },
      payload: { ddl: 'DROP TABLE customers', tableChanges: [{ type: 'DROP' }] },
    },
  },
  'io.debezium.transforms.ToLogicalTopicRouter': {
    settings: {
      'topic.regex': '(.*)_(shard\\d+)',
      'topic.replacement': '$1',
      'key.field.regex': '(.*)_(shard\\d+)',
      'key.field.replacement': '$2',
    },
    topic: 'customers_shard1',
    key: customerKey(7),
    value: changeEvent('c', { after: { id: 7, name: 'Ada' } }),
  },
  'io.debezium.transforms.ExtractChangedRecordState': {
    settings: { 'header.changed.name': 'changed', 'header.unchanged.name': 'unchanged' },
    value: changeEvent('u', { before: { id: 7, name: 'Ada' }, after: { id: 7, name: 'Ida' } }),
  },
  'io.debezium.transforms.ExtractNewRecordState': {
    settings: { 'delete.tombstone.handling.mode': 'rewrite', 'add.fields': 'op,source.ts_ms' },
    value: changeEvent('u', { before: { id: 7, name: 'Ada' }, after: { id: 7, name: 'Ida' } }),
  },
  'io.debezium.transforms.outbox.EventRouter': {
    settings: {
      'table.expand.json.payload': 'true',
      'table.fields.additional.placement': 'type:header:eventType',
    },
    topic: 'srv.shop.outbox',
    value: outboxEvent({
      id: 'e1',
      aggregatetype: 'order',
      aggregateid: '7',
      type: 'OrderPlaced',
      payload: '{"order": 7, "total": 12.5}',
    }),
  },
  'io.debezium.transforms.partitions.PartitionRouting': {
    settings: { 'partition.payload.fields': 'change.name', 'partition.topic.num': '8' },
    value: changeEvent('c', { after: { id: 7, name: 'Ada' } }),
  },
}

function customerKey(id: number): unknown {
  const fields = [{ type: 'int32', field: 'id' }]
  return { schema: { type: 'struct', name: 'srv.shop.customers.Key', version: 1, fields }, payload: { id } }
}

/** The key of a document, whose id is JSON. */
function documentKey(id: string): unknown {
  const fields = [{ type: 'string', field: 'id' }]
  return { schema: { type: 'struct', name: 'srv.shop.customers.Key', version: 1, fields }, payload: { id } }
}

/** The change event of a new row of an outbox, all of whose columns are texts. */
function outboxEvent(row: Readonly<Record<string, string>>): unknown {
  const fields = Object.keys(row).map((field) => ({ type: 'string', field }))
  const after = { type: 'struct', name: 'srv.shop.outbox.Value', fields, field: 'after' }
  const op = { type: 'string', field: 'op' }
  const readAt = { type: 'int64', field: 'ts_ms' }
  return {
    schema: { type: 'struct', name: 'srv.shop.outbox.Envelope', version: 1, fields: [after, op, readAt] },
    payload: { after: row, op: 'c', ts_ms: 1700000000456 },
  }
}

/** A change event of a table of customers, as Debezium sends it. */
function changeEvent(op: string, rows: { readonly before?: object; readonly after?: object }): unknown {
  const row = {
    type: 'struct',
    optional: true,
    name: 'srv.shop.customers.Value',
    version: 1,
    fields: [
      { type: 'int32', field: 'id' },
      { type: 'string', optional: true, field: 'name' },
    ],
  }
  const source = {
    type: 'struct',
    fields: [
      { type: 'string', field: 'table' },
      { type: 'int64', field: 'ts_ms' },
    ],
  }
  return {
    schema: {
      type: 'struct',
      name: 'srv.shop.customers.Envelope',
      version: 1,
      fields: [
        { ...row, field: 'before' },
        { ...row, field: 'after' },
        { ...source, field: 'source' },
        { type: 'string', field: 'op' },
        { type: 'int64', optional: true, field: 'ts_ms' },
      ],
    },
    payload: {
      before: null,
      after: null,
      ...rows,
      source: { table: 'customers', ts_ms: 1700000000123 },
      op,
      ts_ms: 1700000000456,
    },
  }
}
