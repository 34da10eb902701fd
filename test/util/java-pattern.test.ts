import { describe, expect, test } from 'vitest'
import { javaPattern, javaReplacement } from '../../src/util/java-pattern.ts'

describe('a Java regular expression', () => {
  for (const [source, matching, other] of [
    ['a.c', 'abc', 'a\nc'],
    ['(?s)a.c', 'a\nc', 'ac'],
    ['\\d+', '123', '٣'],
    ['\\w+', 'a_1', 'é'],
    ['(?U)\\w+', 'é', '-'],
    ['\\s', '\u000b', '\u00a0'],
    ['\\h', '\u00a0', '\n'],
    ['\\p{Alpha}+', 'aZ', 'é'],
    ['\\p{L}+', 'é', '1'],
    ['\\p{IsAlphabetic}+', 'é', '1'],
    ['\\p{IsLatin}', 'é', 'я'],
    ['\\p{InCyrillic}', 'я', 'a'],
    ['[\\w.-]+', 'a.b-c', 'a b'],
    ['[^\\W_]+', 'ab1', 'a_'],
    ['[a-z&&[^aeiou]]+', 'xyz', 'xaz'],
    ['[a-c[x-z]]+', 'abxz', 'm'],
    ['[]a]+', ']a', 'b'],
    ['[a-]', '-', 'b'],
    ['[\\Q^-]\\E]+', '^-]', 'a'],
    ['\\Qa.b\\E', 'a.b', 'axb'],
    ['\\Qa.b', 'a.b', 'axb'],
    ['(?i)abc', 'aBC', 'abd'],
    ['(?i)é', 'é', 'É'],
    ['(?iu)é', 'É', 'e'],
    ['a(?i)b(?-i)c', 'aBc', 'aBC'],
    ['(?i:a)b', 'Ab', 'AB'],
    ['(?i)[a-c]+', 'aBC', 'd'],
    ['(?x) a b # c', 'ab', 'a b'],
    ['a++b', 'aab', 'b'],
    ['a*+ab|x', 'x', 'aab'],
    ['(?>a|ab)c', 'ac', 'abc'],
    ['(?<n>a)\\k<n>', 'aa', 'ab'],
    ['(a)\\1', 'aa', 'ab'],
    ['(?<=a)b|ab', 'ab', 'b'],
    ['a{2,3}?', 'aa', 'a'],
    ['\\x41\\x{42}\\u0043\\0104', 'ABCD', 'abcd'],
    ['\\tx\\e', '\tx\u001b', 'x'],
    ['\\R', '\r\n', 'a'],
    ['orders\\b', 'orders', 'order'],
    ['\\Aa\\z', 'a', 'a\n'],
    ['a$', 'a', 'a\n'],
    ['}]', '}]', 'a'],
    ['.', '😀', '😀😀'],
  ] as const) {
    test(`${source} matches ${JSON.stringify(matching)} and not ${JSON.stringify(other)}`, () => {
      const { full } = javaPattern(source)
      expect(full.test(matching)).toBe(true)
      expect(full.test(other)).toBe(false)
    })
  }

  test('finds the end of the line as Java does', () => {
    expect(javaPattern('a$').find.test('a\n')).toBe(true)
    expect(javaPattern('a$').find.test('a\nb')).toBe(false)
    expect(javaPattern('(?m)a$').find.test('a\nb')).toBe(true)
    expect(javaPattern('(?m)^b').find.test('a\r\nb')).toBe(true)
  })

  for (const [source, message] of [
    ['[', 'Unclosed character class near index 0\n[\n^'],
    ['(', 'Unclosed group near index 1\n('],
    [')', "Unmatched closing ')'\n)"],
    ['a**', "Dangling meta character '*' near index 2\na**\n  ^"],
    ['a{', 'Illegal repetition near index 2\na{'],
    ['\\q', 'Illegal/unsupported escape sequence near index 1\n\\q\n ^'],
    ['\\p{Foo}', 'Unknown character property name {Foo} near index 6'],
    ['(?z)a', 'Unknown inline modifier near index 2'],
    ['(?<1a>x)', 'capturing group name does not start with a Latin letter near index 3'],
    ['(?<a>x)(?<a>y)', 'Named capturing group <a> is already defined near index 11'],
    ['\\Ga', "anchors at the last match (\\G) of Java's regular expressions are not supported: \\Ga"],
    [
      '(a)?\\1',
      "references to a group that may not have matched of Java's regular expressions are not supported",
    ],
  ] as const) {
    test(`is refused: ${message}`, () => {
      expect(() => javaPattern(source)).toThrow(SyntaxError)
      expect(() => javaPattern(source)).toThrow(message)
    })
  }
})

describe('a Java replacement', () => {
  for (const [source, replacement, text, result] of [
    ['(a)(b)', '$2$1', 'ab', 'ba'],
    ['(?>x)(a)', '$1', 'xa', 'a'],
    ['(?<n>a)', '[${n}]', 'a', '[a]'],
    ['(a)', '$10', 'a', 'a0'],
    ['(a)', '\\$1\\\\', 'a', '$1\\'],
    ['(a)|b', '<$1>', 'b', '<>'],
    ['(a*)*', '[$1]', 'aa', '[]'],
    ['a', '$0$0', 'a', 'aa'],
  ] as const) {
    test(`${replacement} of ${source} in ${text} is ${result}`, () => {
      const pattern = javaPattern(source)
      expect(javaReplacement(replacement, pattern)(pattern.find.exec(text)!)).toBe(result)
    })
  }

  for (const [replacement, message] of [
    ['$2', 'No group 2'],
    ['${x}', 'No group with name {x}'],
    ['${}', 'named capturing group has 0 length name'],
    ['$x', 'Illegal group reference'],
    ['a\\', 'character to be escaped is missing'],
  ] as const) {
    test(`${replacement} is refused when it is used: ${message}`, () => {
      const pattern = javaPattern('(a)')
      const replace = javaReplacement(replacement, pattern)
      expect(() => replace(pattern.find.exec('a')!)).toThrow(message)
    })
  }
})
