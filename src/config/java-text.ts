/** Double.toString of Java: `1.0`, `1.0E10`, `NaN`. */
export function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-3 && size < 1e7))
    return Number.isInteger(value) ? `${value}.0` : String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits}${digits.includes('.') ? '' : '.0'}E${Number(exponent)}`
}

/** A value as it appears within Kafka's messages: `[a, b]`, `null`, `2.0` for a double. */
export function javaText(value: unknown, isDouble = false): string {
  if (Array.isArray(value)) return `[${value.map((item) => javaText(item)).join(', ')}]`
  return isDouble && typeof value === 'number' ? javaDoubleText(value) : String(value)
}
