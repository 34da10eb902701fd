import { configDef, type ConfigDef, type Fields, type SettingsOf } from '../index.ts'

/** A definition with settings of our own beside those that Kafka's plugin has. */
export interface ExtendedConfigDef<S> extends ConfigDef<S> {
  /** What Kafka's plugin does not have, for the reference pages. */
  readonly ownFields: Fields
}

/**
 * Shows what Kafka's plugin shows, so that nobody who lists or validates settings finds more than there; settings of our
 * own are read when they are given.
 */
export function withOwnSettings<const P extends Fields, const O extends Fields>(
  published: P,
  own: O,
): ExtendedConfigDef<SettingsOf<P> & SettingsOf<O>> {
  const kafkas = configDef(published)
  const ours = configDef(own)
  return {
    fields: kafkas.fields,
    ownFields: ours.fields,
    parse: (settings, context) => ({ ...kafkas.parse(settings, context), ...ours.parse(settings, context) }),
    validate: (settings, context) => kafkas.validate(settings, context),
  }
}
