import { writeSync } from 'node:fs';

/** What stands in for the platform in a fresh process: loads the bundle named, hands it one event, tells what that took. */
const [file = '', event = ''] = process.argv.slice(2);
const { handler } = (await import(file)) as { handler: (event: unknown) => Promise<Answer> };
const { statusCode, body } = await handler(JSON.parse(event));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
writeSync(1, `\n${JSON.stringify({ cpu: userCPUTime + systemCPUTime, memory: maxRSS, statusCode, body })}\n`);
process.exit(0);

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}
