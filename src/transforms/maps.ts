/** A map of schemaless data whose keys are strings. Whatever a member is called, it is data. */
export type Members = Readonly<Record<string, unknown>>

/** The value of a member; null where there is none. */
export function member(map: Members, name: string): unknown {
  return Object.hasOwn(map, name) ? (map[name] ?? null) : null
}

/** A copy to be changed with `setMember`. */
export function copyMembers(map: Members): Record<string, unknown> {
  return { ...map }
}

export function setMember(map: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') map[name] = value
  else Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true })
}
