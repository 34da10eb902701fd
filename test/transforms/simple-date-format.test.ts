import { describe, expect, test } from 'vitest'
import { SimpleDateFormat } from '../../src/transforms/simple-date-format.ts'

const at = (iso: string) => Date.parse(iso)
const minLong = -(2n ** 63n)

describe('SimpleDateFormat writes', () => {
  for (const [pattern, moment, text] of [
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", at('2017-01-03T06:30:01.864Z'), '2017-01-03T06:30:01.864Z'],
    ['yy y yyyyy', at('2017-01-03T00:00Z'), '17 2017 02017'],
    ['EEE EEEE MMM MMMM LLL u', at('2017-01-03T00:00Z'), 'Tue Tuesday Jan January Jan 2'],
    ['G GGGG', at('2017-01-03T00:00Z'), 'AD AD'],
    ['h:mm a K k', at('2017-01-03T00:05Z'), '12:05 AM 0 24'],
    ['h a', at('2017-01-03T12:00Z'), '12 PM'],
    ["''yyyy'o''clock'", at('2017-01-03T00:00Z'), "'2017o'clock"],
    ['z zzzz Z X', 0, 'UTC Coordinated Universal Time +0000 Z'],
    ["YYYY-'W'ww W F D", at('2024-12-31T00:00Z'), '2025-W01 5 5 366'],
    ["YYYY-'W'ww", at('2017-01-01T00:00Z'), '2017-W01'],
    ['yyyy-MM-dd D F W', -12219292800000, '1582-10-15 278 1 1'],
    ['yyyy-MM-dd', -12219292800001, '1582-10-04'],
    ['yyyy-MM-dd G', at('0000-12-31T00:00:00Z'), '0001-01-02 AD'],
    ['yyyy G', at('-000001-06-01T00:00:00Z'), '0002 BC'],
    ['yyyy-MM-dd HH:mm:ss.SSS G', minLong, '292269055-12-02 16:47:04.192 BC'],
  ] as const) {
    test(`${moment} as ${pattern}`, () => {
      expect(new SimpleDateFormat(pattern).format(moment)).toBe(text)
    })
  }
})

describe('SimpleDateFormat reads', () => {
  for (const [pattern, text, moment] of [
    ['yyyy-MM-dd', '2017-1-3 and more', at('2017-01-03T00:00Z')],
    ['yyyy-MM-dd', '2017-14-31', at('2018-03-03T00:00Z')],
    ['yyyy-MM-dd', '0001-01-01', -62135769600000],
    ['yyyy-MM-dd', '1582-10-04', -12219292800000 - 86_400_000],
    ['yyyy-MM-dd', '1582-10-10', at('1582-10-20T00:00Z')],
    ['yyyyMMdd', '201701031', at('2017-01-31T00:00Z')],
    ['HHmm', '830', 83 * 3_600_000],
    ['yyyy', '20170', at('+020170-01-01T00:00:00Z')],
    ['dd MMM yyyy', '03 jan 2017', at('2017-01-03T00:00Z')],
    ['dd MMMM yyyy', '  3  Jan 2017', undefined],
    ['EEE, d MMM yyyy', 'Sunday, 3 Jan 2017', at('2017-01-03T00:00Z')],
    ['hh:mm a', '12:30 AM', 1_800_000],
    ['hh:mma', '08:30pm', 73_800_000],
    ['kk:mm', '24:30', 1_800_000],
    ['yyyy D', '2016 366', at('2016-12-31T00:00Z')],
    ['yyyy-MM-ddD', '2017-05-0132', at('2017-02-01T00:00Z')],
    ['YYYY-MM-dd', '2018-05-05', at('2017-12-31T00:00Z')],
    ['YYYY w u', '2017 10 3', at('2017-03-08T00:00Z')],
    ['yyyy MM W', '2017 02 2', at('2017-02-05T00:00Z')],
    ['yyyy MM F E', '2017 02 3 Thu', at('2017-02-16T00:00Z')],
    ['yyyy MM F E', '2017 02 -1 Thu', at('2017-02-23T00:00Z')],
    ['G yyyy', 'BC 0044', -63524304000000],
    ['G YYYY', 'BC 5', -62294140800000],
    ['HHHkkkk:y', '00 20024:1582', -12172003200000],
    ['HH:mm z', '08:30 GMT+2:00', 23_400_000],
    ['HH:mm z', '08:30 Gmt', 30_600_000],
    ['HH:mm z', '08:30 PST', 59_400_000],
    ['HH:mm z', '08:30 Central European Summer Time', 23_400_000],
    ['HH:mm z', '08:30 XYZ', undefined],
    ['HH:mm Z', '08:30 -0530', 50_400_000],
    ['HH:mm Z', '08:30 +02:00', undefined],
    ['HH:mm Z', '08:30 Z', undefined],
    ['HH:mm X', '08:30 +02', 23_400_000],
    ['HH:mm XX', '08:30 -0230', 39_600_000],
    ['HH:mm XXX', '08:30 +0200', undefined],
    ['HH:mm XXX', '08:30 Z', 30_600_000],
    ['ss', '-5', -5000],
    ['ss', '2E3', 2_000_000],
    ['ss', '+5', undefined],
    ['yyyy-MM-dd', '\u0662\u0660\u0661\u0667-01-03', at('2017-01-03T00:00Z')],
    ['yyyy-MM-dd', '2017/01/03', undefined],
    ['yyyy  MM', '2017 01', undefined],
    ['yyyy', '292278995', -9223372025043951616n],
    ['', 'anything', undefined],
  ] as const) {
    test(`${JSON.stringify(text)} as ${JSON.stringify(pattern)}`, () => {
      expect(new SimpleDateFormat(pattern).parse(text)).toBe(moment)
    })
  }

  test('two digits as a year from 80 years ago to 20 years ahead', () => {
    const now = new Date().getUTCFullYear()
    for (const year of [now - 79, now - 1, now, now + 19]) {
      const digits = String(year % 100).padStart(2, '0')
      const parsed = new SimpleDateFormat('yy-MM-dd').parse(`${digits}-06-15`)
      expect(new Date(Number(parsed)).getUTCFullYear()).toBe(year)
    }
    expect(new SimpleDateFormat('yy').parse('017')).toBe(-61630848000000)
  })

  test('what it wrote, with the same pattern', () => {
    const format = new SimpleDateFormat("EEE, d MMM yyyy HH:mm:ss.SSS 'o''clock' Z")
    for (let moment = -6e13; moment < 2e14; moment += 123_456_789_012) {
      expect(format.parse(format.format(moment))).toBe(moment)
    }
  })
})

describe('SimpleDateFormat refuses', () => {
  for (const [pattern, problem] of [
    ['yyyy-bb', "Illegal pattern character 'b'"],
    ["yyyy'T", 'Unterminated quote'],
    ['XXXX', 'invalid ISO 8601 format: length=4'],
  ] as const) {
    test(pattern, () => {
      expect(() => new SimpleDateFormat(pattern)).toThrow(problem)
    })
  }
})
