#!/usr/bin/env node
import('../dist/tsconnect.js').catch(async (error) => (await import('./not-built.js')).explain(error))
