import { configDef, defineConverter } from '../index.ts'
export const simpleHeaderConverter = defineConverter({
  name: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  roles: ['header'],
  config: configDef({}),
  create: () => ({
    fromConnectData: (_, { value }) => (value === null ? null : Buffer.from(String(value))),
    toConnectData: (_, bytes) => ({ schema: null, value: bytes === null ? null : bytes.toString() }),
  }),
})
