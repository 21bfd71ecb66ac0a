import { commonDeps } from '../platform/aws/deps.ts';
import { readVariables } from '../platform/aws/settings.ts';
import { onTask } from '../platform/on-task.ts';
import { requestTasks } from './tasks.ts';

/** States of the workflows that store tokens and records (house.md §1). */
export const handler = onTask([...requestTasks], commonDeps(readVariables('requests', process.env)));
