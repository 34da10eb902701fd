/** Connect's `Values`: text to value, value to text, and from one type to another. */
export * from './values/conversions.ts'
export { inferSchema } from './values/infer-schema.ts'
export { parseString } from './values/parse.ts'
export { convertToString } from './values/text.ts'
