#!/usr/bin/env node
import('../dist/standalone.js').catch(async (error) => (await import('./not-built.js')).explain(error))
