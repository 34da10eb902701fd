/**
 * Names of time zones that mean the same all year and in all years, with their minutes east of Greenwich: those of
 * Java's zones that are in wide use. What is not here, Moscow's name of changing meaning for one, is no zone.
 */
const names: readonly (readonly [minutes: number, names: readonly string[]])[] = [
  [-600, ['Hawaii-Aleutian Standard Time', 'HST', 'Hawaii-Aleutian Daylight Time', 'HDT']],
  [-540, ['Alaska Standard Time', 'AKST']],
  [-480, ['Pacific Standard Time', 'PST', 'Alaska Daylight Time', 'AKDT']],
  [-420, ['Pacific Daylight Time', 'PDT', 'Mountain Standard Time', 'MST']],
  [-360, ['Mountain Daylight Time', 'MDT', 'Central Standard Time', 'CST']],
  [-300, ['Central Daylight Time', 'CDT', 'Eastern Standard Time', 'EST']],
  [-240, ['Eastern Daylight Time', 'EDT', 'Atlantic Standard Time', 'AST']],
  [-210, ['Newfoundland Standard Time', 'NST']],
  [-180, ['Atlantic Daylight Time', 'ADT', 'Brasilia Standard Time', 'BRT']],
  [-150, ['Newfoundland Daylight Time', 'NDT']],
  [-60, ['Azores Standard Time', 'AZOT']],
  [
    0,
    [
      'Coordinated Universal Time',
      'UTC',
      'Western European Standard Time',
      'WET',
      'Greenwich Mean Time',
      'GMT',
      'Azores Summer Time',
      'AZOST',
    ],
  ],
  [
    60,
    [
      'Central European Standard Time',
      'CET',
      'Western European Summer Time',
      'WEST',
      'British Summer Time',
      'BST',
      'West Africa Standard Time',
      'WAT',
      'West Africa Summer Time',
      'WAST',
    ],
  ],
  [
    120,
    [
      'Central European Summer Time',
      'CEST',
      'Eastern European Standard Time',
      'EET',
      'Israel Standard Time',
      'IST',
      'South Africa Standard Time',
      'SAST',
      'South Africa Summer Time',
      'Central Africa Time',
      'CAT',
      'Central African Summer Time',
      'CAST',
    ],
  ],
  [
    180,
    [
      'Eastern European Summer Time',
      'EEST',
      'Israel Daylight Time',
      'IDT',
      'East Africa Time',
      'EAT',
      'Eastern African Summer Time',
      'EAST',
    ],
  ],
  [240, ['Gulf Standard Time', 'GST', 'Gulf Daylight Time', 'GDT']],
  [300, ['Pakistan Standard Time', 'PKT', 'Pakistan Summer Time', 'PKST']],
  [
    480,
    [
      'China Standard Time',
      'Singapore Standard Time',
      'SGT',
      'Singapore Summer Time',
      'SGST',
      'Hong Kong Standard Time',
      'HKT',
      'Hong Kong Summer Time',
      'HKST',
      'Australian Western Standard Time',
      'AWST',
      'Australian Western Daylight Time',
      'AWDT',
    ],
  ],
  [
    540,
    [
      'Japan Standard Time',
      'JST',
      'Japan Daylight Time',
      'JDT',
      'Korean Standard Time',
      'KST',
      'Korean Daylight Time',
      'KDT',
    ],
  ],
  [570, ['Australian Central Standard Time', 'ACST', 'Australian Central Daylight Time', 'ACDT']],
  [600, ['Australian Eastern Standard Time', 'AEST']],
  [660, ['Australian Eastern Daylight Time', 'AEDT']],
  [720, ['New Zealand Standard Time', 'NZST']],
  [780, ['New Zealand Daylight Time', 'NZDT']],
]

const minutesByName: ReadonlyMap<string, number> = new Map(
  names.flatMap(([minutes, list]) => list.map((name) => [name.toLowerCase(), minutes] as const)),
)

const pattern = new RegExp([...minutesByName.keys()].sort((a, b) => b.length - a.length).join('|'), 'iy')

/** The zone that the text names at a place, the longest name that fits, in either case. */
export function zoneNamed(
  text: string,
  at: number,
): { readonly minutes: number; readonly end: number } | null {
  pattern.lastIndex = at
  const name = pattern.exec(text)?.[0]
  if (name === undefined) return null
  return { minutes: minutesByName.get(name.toLowerCase())!, end: at + name.length }
}
