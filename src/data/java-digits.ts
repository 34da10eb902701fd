/** Java reads the digits of every script. The text with ASCII digits in their place. */
export function asciiDigits(text: string): string {
  return nonAscii.test(text) ? text.replace(/(?![0-9])\p{Nd}/gu, asciiDigit) : text
}

const nonAscii = /[^\u0000-\u007f]/

/** They come in runs of ten, each from its zero on. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}
