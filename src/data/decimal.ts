import { inspect } from 'node:util'

/** An exact decimal, `unscaled * 10^-scale`: what BigDecimal is in Java. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
    Object.freeze(this)
  }

  /** Reads Java's decimal grammar: sign, digits, fraction, exponent. Throws SyntaxError otherwise. */
  static parse(text: string): Decimal {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
    if (!match || (match[2] === '' && !match[3])) throw new SyntaxError(`not a decimal number: ${text}`)
    const [, sign, whole = '', fraction = '', exponent = '0'] = match
    const digits = BigInt(whole + fraction)
    const scale = fraction.length - Number(exponent)
    if (scale !== (scale | 0)) throw new SyntaxError(`the exponent is out of range: ${text}`)
    return new Decimal(sign === '-' ? -digits : digits, scale)
  }

  /** The unscaled value as a minimal big-endian two's complement, as Connect's Decimal writes it. */
  toBytes(): Buffer {
    const bits = (this.unscaled < 0n ? ~this.unscaled : this.unscaled).toString(2).length + 1
    const length = this.unscaled === 0n || this.unscaled === -1n ? 1 : Math.ceil(bits / 8)
    const hex = BigInt.asUintN(length * 8, this.unscaled).toString(16)
    return Buffer.from(hex.padStart(length * 2, '0'), 'hex')
  }

  static fromBytes(bytes: Uint8Array, scale: number): Decimal {
    const hex = Buffer.from(bytes).toString('hex')
    return new Decimal(hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)), scale)
  }

  equals(other: Decimal): boolean {
    return this.unscaled === other.unscaled && this.scale === other.scale
  }

  /** `BigDecimal.toString()`: plain while the exponent is small, `1E+5` or `1E-10` otherwise. */
  toString(): string {
    const sign = this.unscaled < 0n ? '-' : ''
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString()
    if (this.scale === 0) return sign + digits
    const exponent = digits.length - 1 - this.scale
    if (this.scale > 0 && exponent >= -6) {
      const padded = digits.padStart(this.scale + 1, '0')
      return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`
    }
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
    return exponent === 0 ? sign + mantissa : `${sign}${mantissa}E${exponent > 0 ? '+' : ''}${exponent}`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return `Decimal(${this.toString()})`
  }
}
