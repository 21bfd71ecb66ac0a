import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inTime } from './in-time.ts';
import { within } from './limits.ts';

const TOTAL_MS = 5_000;

/** The queue that hands an outbox line to the jobs function later, at most 15 minutes; a lost message is found by the sweep. */
export interface DelayQueue {
  delay(line: string, seconds: number): Promise<void>;
}

export function delayQueue({ DELAY_QUEUE_URL: queueUrl }: { readonly DELAY_QUEUE_URL: string }): DelayQueue {
  const client = new SQSClient({ requestHandler: within(2_000), maxAttempts: 2 });
  return {
    async delay(line, seconds) {
      const MessageBody = JSON.stringify({ line });
      const command = new SendMessageCommand({ QueueUrl: queueUrl, DelaySeconds: seconds, MessageBody });
      await inTime(TOTAL_MS, (abortSignal) => client.send(command, { abortSignal }));
    },
  };
}
