/** A group as the journal keeps it: enough for its members to go on after a restart of the broker. */
export interface SavedGroup {
  groupId: string
  generation: number
  protocolType: string | null
  protocol: string | null
  leader: string | null
  members: SavedMember[]
}

export interface SavedMember {
  memberId: string
  instanceId: string | null
  clientId: string
  clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  /** Names with their metadata in base64. */
  protocols: [string, string][]
  /** In base64. */
  assignment: string
}
