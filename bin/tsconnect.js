#!/usr/bin/env node
import { explain } from './cannot-load.js'

import('../dist/tsconnect.js').catch(explain)
