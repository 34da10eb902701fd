#!/usr/bin/env node
import { explain } from './cannot-load.js'

import('../dist/standalone.js').catch(explain)
