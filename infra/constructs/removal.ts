import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageSettings } from '../settings.ts';

/**
 * What becomes of things that hold data when they leave the stack or the stack is deleted. Kept ones still go when their very
 * creation is rolled back: nothing is in them yet, and their names would stand in the way of the next try.
 */
export const removal = ({ keepData }: Pick<StageSettings, 'keepData'>): RemovalPolicy =>
  keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
