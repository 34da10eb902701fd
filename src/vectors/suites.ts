import type { Suite } from './suite.ts'

type AnySuite = Suite<never, never, unknown>

/** The suites by the name that vectors carry, loaded when one of theirs is met. */
const suites: Readonly<Record<string, () => Promise<AnySuite>>> = {
  'properties': async () => (await import('./suites/properties.ts')).propertiesSuite,
  'partitioner': async () => (await import('./suites/partitioner.ts')).partitionerSuite,
  'offsets-file': async () => (await import('./suites/offsets-file.ts')).offsetsFileSuite as AnySuite,
  'config': async () => (await import('./suites/config.ts')).configSuite,
  'values': async () => (await import('./suites/values.ts')).valuesSuite as AnySuite,
  'converters': async () => (await import('./suites/converters.ts')).convertersSuite as AnySuite,
  'transforms': async () => (await import('./suites/transforms.ts')).transformsSuite as AnySuite,
}

/** Suites that the format knows and this program does not run yet. */
const planned = ['avro', 'avro-drift']

export async function findSuite(name: string): Promise<AnySuite> {
  if (Object.hasOwn(suites, name)) return suites[name]!()
  const problem = planned.includes(name) ? 'not implemented yet' : `unknown suite ${JSON.stringify(name)}`
  return {
    run() {
      throw new NoSuite(problem)
    },
    matches: () => false,
    matchesError: () => false,
  }
}

/** There is nothing to run a vector with. */
export class NoSuite extends Error {
  override name = 'NoSuite'
}
