import { readFileSync } from 'node:fs'

const ticksPerSecond = 100
const memoryPattern = { resident: /^VmRSS:\s+(\d+) kB/m, peak: /^VmHWM:\s+(\d+) kB/m }

// What Linux says of a process under /proc: all throw when it is gone.

/** Processor time of all its threads, user and system, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name in parentheses may have anything in it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory in MB (2^20 bytes): now, and the most it ever was. */
export function memoryMb(pid: number, which: keyof typeof memoryPattern): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(memoryPattern[which].exec(status)![1]) / 1024
}
