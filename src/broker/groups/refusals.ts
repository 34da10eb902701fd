import type { ErrorCode } from '../error-codes.ts'
import { noBytes, type JoinResult, type SyncResult } from './member.ts'

export function joinError(error: ErrorCode, memberId: string): JoinResult {
  return {
    error,
    memberId,
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: '',
    members: [],
    skipAssignment: false,
  }
}

export function syncError(error: ErrorCode): SyncResult {
  return { error, protocolType: null, protocol: null, assignment: noBytes }
}

export function refuseJoin(error: ErrorCode, memberId: string): Promise<JoinResult> {
  return Promise.resolve(joinError(error, memberId))
}

export function refuseSync(error: ErrorCode): Promise<SyncResult> {
  return Promise.resolve(syncError(error))
}
