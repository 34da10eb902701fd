import type { ASTNode } from '@marcbachmann/cel-js'

/**
 * The expression in which a field that is missing is null, at any depth: `a.b` becomes `a.?b.orValue(null)`. What `has`
 * asks about stays as it is, with every step on the way allowed to be missing.
 */
export function missingAsNull(node: ASTNode): ASTNode {
  return rewritten(node) as ASTNode
}

function rewritten(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rewritten)
  if (!isNode(node) || node.op === 'value') return node
  const { op, args } = node
  if (op === '.') return orNull({ op: '.?', args: [rewritten(args[0]), args[1]] })
  if (op === '[]') return orNull({ op: '[?]', args: rewritten(args) })
  const tested = testedByHas(node)
  if (tested !== undefined) {
    const field = { op: '.', args: [optionalSteps(tested.args[0]), tested.args[1]] }
    return { op: 'call', args: ['has', [field]] }
  }
  return { op, args: rewritten(args) }
}

function orNull(optional: object): object {
  return { op: 'rcall', args: ['orValue', optional, [{ op: 'value', args: null }]] }
}

function optionalSteps(node: unknown): unknown {
  if (!isNode(node) || node.op !== '.') return rewritten(node)
  return { op: '.?', args: [optionalSteps(node.args[0]), node.args[1]] }
}

/** The field of `has(x.field)`. */
function testedByHas({ op, args }: ASTNode): (ASTNode & { op: '.' }) | undefined {
  if (op !== 'call' || args[0] !== 'has') return undefined
  const [tested] = args[1] as readonly ASTNode[]
  return tested?.op === '.' ? tested : undefined
}

/** The variables that an expression names, with the fields it takes of them or `all`. */
export type UsedFields = ReadonlyMap<string, ReadonlySet<string> | 'all'>

export function usedFields(ast: ASTNode): UsedFields {
  const used = new Map<string, Set<string> | 'all'>()
  collect(ast)
  return used

  function collect(node: unknown): void {
    if (Array.isArray(node)) return node.forEach(collect)
    if (!isNode(node) || node.op === 'value') return
    if (node.op === 'id') return void used.set(node.args, 'all')
    if ((node.op === '.' || node.op === '.?') && node.args[0].op === 'id') {
      const variable = node.args[0].args
      const fields = used.get(variable) ?? new Set()
      if (fields !== 'all') used.set(variable, fields.add(node.args[1]))
      return
    }
    collect(node.args)
  }
}

function isNode(node: unknown): node is ASTNode {
  return node !== null && typeof node === 'object' && 'op' in node && 'args' in node
}
