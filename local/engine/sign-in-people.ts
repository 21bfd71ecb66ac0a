import type { Role } from '../../functions/platform/auth.ts';

/** Somebody who can sign in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenantId?: string | undefined;
}
/** Looked up by the composition among its user records. */
export interface People {
  findPerson(email: string): Promise<Person | undefined>;
  listPeople(): Promise<readonly Person[]>;
}
