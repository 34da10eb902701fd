/** `Double.toString`: `1.0`, `1.0E10`, `1.0E-5`, `NaN`, `-0.0`. */
export function doubleText(value: number): string {
  const size = Math.abs(value)
  // Within these bounds both languages write plain decimals; only the fraction of whole numbers is missing.
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  return special(value) ?? scientific(value, value.toExponential())
}

/** `Float.toString`: the shortest decimal that reads back as the same float, large whole numbers as in Java 17. */
export function floatText(value: number): string {
  const size = Math.abs(value)
  if (size < 1e7 && Number.isInteger(value) && value !== 0) return `${value}.0`
  const isLargeWhole = size >= 2 ** 24 && size < 2 ** 63
  return special(value) ?? scientific(value, isLargeWhole ? wholeFloat(value) : shortestFloat(value))
}

/** Java before 19 gives a whole number all digits but those that its last bit makes meaningless. */
function wholeFloat(value: number): string {
  const lostBits = Math.floor(Math.log2(Math.abs(value))) - 25
  const lostDigits = Math.max(0, Math.floor(lostBits * Math.log10(2)))
  const digits = BigInt(Math.abs(value)).toString().length - lostDigits
  return value.toExponential(digits - 1)
}

/** What no decimal that rounds to the value is shorter than, in exponential notation. */
function shortestFloat(value: number): string {
  const float = Math.fround(value)
  // What fewer than six digits say, six say as well, with zeros; but for the smallest floats even two are many.
  for (let digits = Math.abs(value) < 2 ** -126 ? 1 : 5; digits < 8; digits++) {
    const text = float.toExponential(digits)
    if (Math.fround(Number(text)) === float) return text
  }
  return float.toExponential(8)
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (Number.isFinite(value)) return undefined
  return value > 0 ? 'Infinity' : '-Infinity'
}

/** Java's spelling of a number given as `1.25e-7`. */
function scientific(value: number, exponential: string): string {
  const at = exponential.indexOf('e')
  const exponent = Number(exponential.slice(at + 1))
  const sign = value < 0 ? '-' : ''
  let digits = exponential.slice(sign.length, at).replace('.', '').replace(/0+$/, '')
  // Java gives two digits at least, and then those nearest to the value.
  if (digits.length === 1 && at - sign.length === 1) {
    const two = value.toExponential(1)
    if (two.slice(two.indexOf('e')) === exponential.slice(at)) {
      digits = two.slice(sign.length, two.indexOf('e')).replace('.', '').replace(/0+$/, '')
    } else return scientific(value, `${two.slice(0, two.indexOf('e'))}0${two.slice(two.indexOf('e'))}`)
  }
  if (exponent >= -3 && exponent < 7) {
    if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
    return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
  }
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
}

/** A double that is an int64 or a float64 as schemaless data has it: only the latter has a fraction. */
export function isIntegral(value: number): boolean {
  return Number.isInteger(value) && !Object.is(value, -0)
}

/**
 * The float nearest to the decimal that `token` gives in full and `value` as the nearest double. Rounding the double
 * alone would round twice.
 */
export function nearestFloat(value: number, token: () => string): number {
  const float = Math.fround(value)
  if (float === value || !Number.isFinite(float)) return float
  const other = 2 * value - float
  if (Math.fround(other) !== other) return float
  // The double lies just between two floats: the decimal itself has to say on which side it is.
  const side = compareDecimals(token(), value)
  if (side === 0) return float
  return side > 0 === other > float ? other : float
}

/** The sign of `token - value`, exactly. */
function compareDecimals(token: string, value: number): number {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token)!
  const power = Number(exponent) - fraction.length
  let left = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  let right = 1n
  // A double in the range of floats is an integer over 2^200.
  let scaled = value
  let twos = 0
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    twos++
  }
  right = BigInt(scaled)
  left <<= BigInt(twos)
  if (power >= 0) left *= 10n ** BigInt(power)
  else right *= 10n ** BigInt(-power)
  return left > right ? 1 : left < right ? -1 : 0
}
