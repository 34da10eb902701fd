/** `Double.toString`: `1.0`, `1.0E10`, `1.0E-5`, `NaN`, `-0.0`. */
export function doubleText(value: number): string {
  return javaText(value, value.toExponential())
}

/** `Float.toString`: the shortest decimal that reads back as the same float. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return javaText(value, '')
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits)
    if (Math.fround(Number(text)) === Math.fround(value)) return javaText(value, text)
  }
  return javaText(value, value.toExponential(9))
}

function javaText(value: number, exponential: string): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '0', exponentText = '0'] = exponential.replace('-', '').split('e')
  const sign = value < 0 ? '-' : ''
  const negativeExponent = /e-/.test(exponential)
  const exponent = negativeExponent ? -Math.abs(Number(exponentText)) : Number(exponentText)
  const digits = mantissa.replace('.', '').replace(/0+$/, '') || '0'
  if (exponent >= -3 && exponent < 7) {
    if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
    return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
  }
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
}
