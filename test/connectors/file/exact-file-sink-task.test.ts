import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { noteAltered } from '../../../src/connectors/file/checkpoints.ts'
import { ExactFile } from '../../../src/connectors/file/exact-file.ts'
import { fileStreamSink } from '../../../src/connectors/file/sink.ts'
import { builtinPlugins } from '../../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../../src/plugins/registry.ts'
import { validateConnector } from '../../../src/runtime/validation/validate-connector.ts'
import { seeded } from '../../faults/random.ts'
import { ExactSinkLab } from './exact-sink-lab.ts'

async function running(partitions = [0], logEnd = 40): Promise<ExactSinkLab> {
  const lab = new ExactSinkLab()
  lab.logEnd = logEnd
  await lab.start(partitions)
  await lab.commit()
  return lab
}

async function restarted(lab: ExactSinkLab, partitions = [0]): Promise<void> {
  await lab.start(partitions)
  await lab.finish()
}

describe('FileStreamSink with exactly.once.sink', () => {
  test('delivers nothing before it knows where the group is, and asks for the commit that tells', async () => {
    const lab = new ExactSinkLab()
    lab.logEnd = 10
    await lab.start([0])
    expect(lab.isCommitRequested).toBe(true)
    await lab.put(5)
    expect(lab.lines()).toEqual([])
    await lab.commit()
    await lab.put(5)
    expect(lab.linesOf(0)).toEqual([0, 1, 2, 3, 4])
    await lab.stop()
  })

  test('cuts off what was not committed, half a line too, and writes it once', async () => {
    const lab = await running()
    await lab.put(10)
    await lab.commit()
    await lab.put(10)
    await lab.kill('0:2')
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected())
    expect(lab.lines()).toHaveLength(lab.expected().length)
  })

  test('goes back further when the group never heard of the last commits', async () => {
    const lab = await running()
    for (let round = 0; round < 3; round++) {
      await lab.put(10)
      await lab.commit(round > 0)
    }
    expect(lab.committed.get(0)).toBe(10)
    await lab.kill('')
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected())
  })

  test('survives a kill between the new checkpoints and the cut', async () => {
    const lab = await running()
    await lab.put(10)
    await lab.commit()
    await lab.put(10)
    await lab.kill('half')
    const putBack = lab.keep()
    await lab.start([0])
    await lab.commit()
    await lab.kill('')
    putBack()
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected())
  })

  test('keeps what was in the file before, and gives half a line of it an end', async () => {
    const lab = new ExactSinkLab()
    writeFileSync(lab.file, 'before\nhalf')
    lab.logEnd = 20
    await lab.start([0])
    await lab.commit()
    await lab.put(3)
    await lab.kill('0:')
    await restarted(lab)
    expect(lab.lines().slice(0, 3)).toEqual(['before', 'half', '0:0'])
    expect(lab.linesOf(0)).toEqual(lab.expected())
  })

  test.each([
    { to: 10, what: 'a committed offset' },
    { to: 13, what: 'an offset between two commits' },
    { to: 0, what: 'the beginning' },
  ])('goes back with a group that was set back to $what', async ({ to }) => {
    const lab = await running()
    for (let round = 0; round < 3; round++) {
      await lab.put(10)
      await lab.commit()
    }
    await lab.stop()
    await noteAltered(`${lab.file}.checkpoints`, [{ topic: 't', partition: 0, offset: to }])
    lab.committed.set(0, to)
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected())
  })

  test('leaves out records that were skipped over REST', async () => {
    const lab = await running()
    await lab.put(10)
    await lab.stop()
    await noteAltered(`${lab.file}.checkpoints`, [{ topic: 't', partition: 0, offset: 30 }])
    lab.committed.set(0, 30)
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected().filter((offset) => offset < 10 || offset >= 30))
  })

  test('goes on where it began when no commit was made and auto.offset.reset=latest moved the group', async () => {
    const lab = await running([0], 20)
    await lab.put(10)
    await lab.kill('')
    lab.committed.set(0, 20)
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual(lab.expected())
  })

  test('appends where the group is set back to before the first checkpoint', async () => {
    const lab = new ExactSinkLab()
    lab.logEnd = 20
    lab.committed.set(0, 8)
    await lab.start([0])
    await lab.finish()
    await lab.stop()
    lab.committed.set(0, 3)
    await restarted(lab)
    expect(lab.linesOf(0)).toEqual([...lab.expected(8), ...lab.expected(3)])
  })

  test('takes a partition in that comes later', async () => {
    const lab = await running([0])
    await lab.put(10)
    await lab.commit()
    lab.assign([1])
    await lab.put(10)
    expect(lab.linesOf(1)).toEqual([])
    await lab.commit()
    await lab.put(10)
    await lab.kill('1:1')
    await restarted(lab, [0, 1])
    expect([lab.linesOf(0), lab.linesOf(1)]).toEqual([lab.expected(), lab.expected()])
  })

  const refusals: { what: string; change: (lab: ExactSinkLab) => void; says: string }[] = [
    {
      what: 'the file became shorter',
      change: (lab) => truncateSync(lab.file, 5),
      says: 'had 36 bytes at its last commit',
    },
    {
      what: 'the file is another one',
      change: (lab) => writeFileSync(lab.file, 'x'.repeat(500)),
      says: 'do not fit together',
    },
    {
      what: 'the group was moved on by somebody else',
      change: (lab) => lab.committed.set(0, 25),
      says: 't-0: the group is at 25, the file at 10',
    },
  ]
  for (const { what, change, says } of refusals) {
    test(`fails, and touches nothing, when ${what}`, async () => {
      const lab = await running()
      await lab.put(10)
      await lab.stop()
      change(lab)
      const before = readFileSync(lab.file)
      await lab.start([0])
      await lab.commit()
      await expect(lab.put(10)).rejects.toThrow(says)
      expect(readFileSync(lab.file)).toEqual(before)
      await lab.kill('')
      rmSync(`${lab.file}.checkpoints`)
      await lab.start([0])
      await lab.commit()
      await lab.put(1)
      await lab.stop()
    })
  }

  test('fails when somebody else writes to the file, before it commits anything of that', async () => {
    const lab = await running()
    await lab.put(10)
    appendFileSync(lab.file, 'foreign\n')
    await lab.commit()
    expect(lab.committed.get(0)).toBeUndefined()
    await expect(lab.put(10)).rejects.toThrow('somebody else writes to it')
    await lab.kill('')
  })

  test('fails, and commits nothing, when a checkpoint cannot be written', async () => {
    const lab = new ExactSinkLab()
    lab.logEnd = 10
    mkdirSync(`${lab.file}.checkpoints.new`)
    await lab.start([0])
    await lab.commit()
    expect(lab.committed.size).toBe(0)
    await expect(lab.put(5)).rejects.toThrow('EISDIR')
    expect(lab.lines()).toEqual([])
  })

  test('refuses what is no ordinary file', async () => {
    await expect(ExactFile.open('/dev/null')).rejects.toThrow('needs an ordinary file')
  })

  test('writes nothing any more once it was given up', async () => {
    const lab = new ExactSinkLab()
    const file = await ExactFile.open(lab.file)
    await expect(file.write(Buffer.from('late\n'), AbortSignal.abort())).rejects.toThrow('aborted')
    await file.close()
    expect(lab.lines()).toEqual([])
  })

  test('says that checkpoints cannot be read', async () => {
    const lab = new ExactSinkLab()
    writeFileSync(`${lab.file}.checkpoints`, 'rubbish\n')
    await expect(lab.start([0])).rejects.toThrow('can be read')
  })

  test('is exact through any order of kills, lost commits, rebalances and torn files', async () => {
    for (let seed = 1; seed <= 80; seed++) {
      const random = seeded(seed)
      const lab = new ExactSinkLab()
      let assigned = [0, 1, 2]
      const steps: string[] = []
      await lab.start(assigned)
      const restart = async () => {
        await lab.kill(random() < 0.5 ? `${Math.floor(random() * 3)}:` : '', random() < 0.3 ? '0bad{"le' : '')
        const putBack = lab.keep()
        await lab.start((assigned = [0, 1, 2]))
        if (random() < 0.5) return
        await lab.commit()
        await lab.kill('')
        if (random() < 0.5) putBack()
        await lab.start(assigned)
      }
      for (let step = 0; step < 60; step++) {
        const dice = random()
        lab.logEnd += Math.floor(random() * 8)
        if (dice < 0.4) {
          await lab.put(1 + Math.floor(random() * 9))
        } else if (dice < 0.7) {
          await lab.commit(random() < 0.3)
        } else if (dice < 0.8) {
          const gone = assigned.filter(() => random() < 0.5)
          await lab.revoke(gone, random() < 0.4)
          assigned = assigned.filter((p) => !gone.includes(p))
        } else if (dice < 0.9) {
          const back = [0, 1, 2].filter((p) => !assigned.includes(p))
          lab.assign(back)
          assigned = [...assigned, ...back]
        } else {
          await restart()
        }
        steps.push(dice.toFixed(2))
      }
      await restart()
      await lab.finish()
      for (const p of [0, 1, 2])
        expect(lab.linesOf(p), `seed ${seed}, partition ${p}: ${steps.join(' ')}`).toEqual(lab.expected())
      await lab.stop()
    }
  })
})

describe('the settings of FileStreamSink', () => {
  const { config } = fileStreamSink

  test('of our own are not among those that it publishes', () => {
    expect(Object.keys(config.fields)).toEqual(['file'])
    expect(config.validate({ 'file': 'x', 'exactly.once.sink': 'true' }).map(({ name }) => name)).toEqual([
      'file',
    ])
  })

  test('of our own appear in no answer but one that finds them wrong', async () => {
    const answer = async (exactlyOnce: string) => {
      const props = {
        'name': 'sink',
        'connector.class': 'FileStreamSink',
        'topics': 't',
        'file': 'x',
        'exactly.once.sink': exactlyOnce,
      }
      const { configs } = await validateConnector(new PluginRegistry(builtinPlugins), {}, null, props)
      return configs
        .filter(({ value }) => value.name === 'exactly.once.sink')
        .map(({ value }) => value.errors)
    }
    expect(await answer('true')).toEqual([])
    expect((await answer('perhaps'))[0]?.[0]).toContain(
      'Invalid value perhaps for configuration exactly.once.sink',
    )
  })

  test('exactly.once.sink needs a file', () => {
    expect(() => config.parse({ 'exactly.once.sink': 'true' })).toThrow('needs a file')
    expect(config.parse({ file: 'x' })['exactly.once.sink']).toBe(false)
  })

  test('exactly.once.sink needs tasks.max=1', () => {
    const props = { 'file': 'x', 'exactly.once.sink': 'true' }
    const tasks = (max: number) => fileStreamSink.taskConfigs!(config.parse(props), max, props)
    expect(() => tasks(2)).toThrow('needs tasks.max=1, not 2')
    expect(tasks(1)).toEqual([props])
  })
})
