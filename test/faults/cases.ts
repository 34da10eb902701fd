import { brokerAbsent } from './cases/broker-absent.ts'
import { brokerKill } from './cases/broker-kill.ts'
import { brokerRestart, brokerRestartExactlyOnce } from './cases/broker-restart.ts'
import { clock } from './cases/clock.ts'
import { sinkDiskFull } from './cases/disk-full.ts'
import { idempotence } from './cases/idempotence.ts'
import { journalDamage } from './cases/journal-damage.ts'
import { journalDiskFull } from './cases/journal-disk-full.ts'
import { journalKill } from './cases/journal-kill.ts'
import { leaderChange } from './cases/leader-change.ts'
import { logDiskFull } from './cases/log-disk-full.ts'
import { network } from './cases/network.ts'
import { noFiles } from './cases/no-files.ts'
import { poison } from './cases/poison.ts'
import { rebalance } from './cases/rebalance.ts'
import { refusingSink } from './cases/refusing-sink.ts'
import { resumeText } from './cases/resume-text.ts'
import { signals } from './cases/signals.ts'
import { sinkKill } from './cases/sink-kill.ts'
import { slowNetwork } from './cases/slow-network.ts'
import { slowSink } from './cases/slow-sink.ts'
import { sourceKill, sourceKillExactlyOnce } from './cases/source-kill.ts'
import { topicChanges } from './cases/topic-changes.ts'
import { upgrade } from './cases/upgrade.ts'
import type { FaultCase } from './lab.ts'

/** In the order of reference/faults.md. */
export const cases: readonly FaultCase[] = [
  sourceKill,
  sourceKillExactlyOnce,
  sinkKill,
  journalKill,
  journalDamage,
  sinkDiskFull,
  journalDiskFull,
  logDiskFull,
  brokerKill,
  brokerRestart,
  brokerRestartExactlyOnce,
  brokerAbsent,
  topicChanges,
  leaderChange,
  rebalance,
  slowSink,
  refusingSink,
  poison,
  resumeText,
  clock,
  signals,
  noFiles,
  idempotence,
  upgrade,
  network,
  slowNetwork,
]
