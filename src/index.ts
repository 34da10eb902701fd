/**
 * The public SDK: all that a plugin imports. The built-in connectors, converters and transforms import
 * nothing else.
 */
export * from './errors.ts'
export type { Logger, LogLevel } from './util/logger.ts'

export * from './data/schema.ts'
export * from './data/schema-builder.ts'
export * from './data/schema-and-value.ts'
export * from './data/struct.ts'
export * from './data/headers.ts'
export * from './data/decimal.ts'
export * from './data/wrappers.ts'
export * from './data/logical-names.ts'
export * from './data/logical-types.ts'
export * from './data/java-text.ts'
export { decodeUtf8, encodeUtf8 } from './data/java-utf8.ts'
export { project as projectSchema } from './data/schema-projector.ts'
export * as Values from './data/values.ts'
export { calendarFields, type CalendarFields } from './data/java-calendar.ts'
export { asciiDigits } from './data/java-digits.ts'
export { javaTrim } from './util/java-trim.ts'
export { doubleText, floatText, isIntegral, nearestFloat } from './data/java-numbers.ts'
export * from './data/java-class.ts'
export { equalSchemas, equalValues } from './data/equality.ts'
export { entriesOf, isPlainObject, validateValue } from './data/validate.ts'

export * from './config/config-def.ts'
export {
  boolean,
  classRef,
  double,
  int,
  list,
  long,
  longNumber,
  password,
  short,
  string,
} from './config/fields.ts'
export type { Field as ConfigField, FieldSpec, Importance, Recommender, Width } from './config/fields.ts'
export * from './config/validators.ts'
export { validRegex } from './config/valid-regex.ts'
export { javaPattern, javaReplacement, type JavaPattern } from './util/java-pattern.ts'
export { Password } from './config/password.ts'

export * from './api/plugin.ts'
export * from './api/record.ts'
export * from './api/source.ts'
export { TextRun, type TextRunFields } from './api/text-run.ts'
export type { Texts } from './util/texts.ts'
export * from './api/sink.ts'
export * from './api/converter.ts'
export * from './api/transform.ts'
export * from './api/config-provider.ts'
