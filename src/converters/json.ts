import { configDef, defineConverter } from '../index.ts'
export const jsonConverter = defineConverter({
  name: 'org.apache.kafka.connect.json.JsonConverter',
  roles: ['key', 'value', 'header'],
  config: configDef({}),
  create: () => ({
    fromConnectData: (_, { value }) => (value === null ? null : Buffer.from(JSON.stringify(value))),
    toConnectData: (_, bytes) => ({
      schema: null,
      value: bytes === null ? null : (JSON.parse(bytes.toString()) as unknown),
    }),
  }),
})
