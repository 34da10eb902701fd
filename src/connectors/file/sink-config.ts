import {
  boolean,
  ConfigError,
  configDef,
  string,
  type ConfigDef,
  type RawSettings,
  type SettingsOf,
} from '../../index.ts'

export const exactlyOnceKey = 'exactly.once.sink'

const kafkas = configDef({
  file: string({
    importance: 'high',
    default: null,
    doc: 'The file to append to. Without it, standard output.',
  }),
})

const own = configDef({
  [exactlyOnceKey]: boolean({
    importance: 'medium',
    default: false,
    doc:
      'Keeps with every commit how long the file was, in a file of its own beside it, and cuts the file back to that at the ' +
      'start: every record is in it once, whatever ended the worker. Needs a file and tasks.max=1.',
  }),
})

type FileSinkSettings = SettingsOf<typeof kafkas.fields> & {
  readonly file: string | null
  readonly [exactlyOnceKey]: boolean
}

/** Who lists or validates settings sees those of Kafka's plugin. */
export const fileSinkConfig: ConfigDef<FileSinkSettings> = {
  fields: kafkas.fields,
  ownFields: own.fields,
  validate: (settings, context) => kafkas.validate(settings, context),
  parse(settings: RawSettings, context) {
    const { file } = kafkas.parse(settings, context)
    const isExact = own.parse(settings, context)[exactlyOnceKey]
    if (isExact && !file) {
      throw new ConfigError(
        `${exactlyOnceKey}=true needs a file: what was written to standard output cannot be taken back.`,
        { key: exactlyOnceKey },
      )
    }
    return { file, [exactlyOnceKey]: isExact }
  },
}
