import type { Member, MemberProtocol } from './member.ts'

type WithProtocols = Pick<Member, 'protocols'>

/** Kafka's vote: each member for the first of its protocols that all of them know. */
export function selectProtocol(members: readonly WithProtocols[]): string | null {
  const common = commonProtocols(members)
  const votes = new Map<string, number>()
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => common.has(name))?.name
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

/** The names that every member knows. */
export function commonProtocols(members: readonly WithProtocols[]): Set<string> {
  const [first, ...others] = members
  const names = first?.protocols.map(({ name }) => name) ?? []
  const known = others.map(({ protocols }) => new Set(protocols.map(({ name }) => name)))
  return new Set(names.filter((name) => known.every((other) => other.has(name))))
}

export function isSameProtocols(a: readonly MemberProtocol[], b: readonly MemberProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, at) => name === b[at]!.name && metadata.equals(b[at]!.metadata))
  )
}
