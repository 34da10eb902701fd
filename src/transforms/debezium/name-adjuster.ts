import { string } from '../../index.ts'
import { choice } from './choice.ts'

/** A setting that says how names become ones that Avro accepts. */
export const adjustmentMode = (doc: string) =>
  string({
    importance: 'low',
    default: 'none',
    validate: choice('none', 'avro', 'avro_unicode'),
    doc: `${doc} none leaves them, avro puts _ for every character that Avro does not accept, avro_unicode puts _u and the hexadecimal code, for _ as well.`,
  })

/** Makes a name of a schema, where dots are welcome, or of a field one that Avro accepts, as the mode says. */
export function nameAdjuster(mode: string, what: 'schema' | 'field'): (name: string) => string {
  if (mode.toLowerCase() === 'none') return (name) => name
  const isUnicode = mode.toLowerCase() === 'avro_unicode'
  const first = isUnicode ? /[a-zA-Z]/ : /[a-zA-Z_]/
  const later = new RegExp(`[a-zA-Z0-9${isUnicode ? '' : '_'}${what === 'schema' ? '.' : ''}]`)
  const replace = isUnicode ? unicode : () => '_'

  return (name) => {
    // By UTF-16 units, as Java walks through a text.
    let adjusted = ''
    for (let at = 0; at < name.length; at++) {
      const char = name[at]!
      if ((at === 0 ? first : later).test(char)) adjusted += char
      else adjusted += replace(char) + (at === 0 && !isUnicode && /\p{Nd}/u.test(char) ? char : '')
    }
    return adjusted
  }
}

function unicode(char: string): string {
  const hex = char.charCodeAt(0).toString(16)
  return `_u${hex.length <= 2 ? '00' : ''}${hex}`
}
