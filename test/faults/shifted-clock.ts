/**
 * Preloaded into a process (`node --import`): its wall clock is off by so many milliseconds as the file TSCONNECT_CLOCK
 * says, looked at again and again. Timers and performance.now stay.
 */
import { readFileSync } from 'node:fs'

const file = process.env['TSCONNECT_CLOCK']!
const RealDate = Date
let shiftMs = 0

function read(): void {
  shiftMs = Number(readFileSync(file, 'latin1'))
}

const now = () => RealDate.now() + shiftMs

read()
setInterval(read, 5).unref()
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
})
