#!/usr/bin/env node
import { run } from './run.ts';
import { terminalOf } from './terminal.ts';

// Whoever reads us may have seen enough (`| head`).
process.stdout.on('error', () => process.exit(0));
process.exitCode = await run(process.argv.slice(2), terminalOf(process));
