import type { Condition, JsonObject } from './table.ts';

/** Whether the condition holds for the item as it stands; `undefined` is an absent or expired item. */
export function holds(condition: Condition, data: JsonObject | undefined): boolean {
  switch (condition.is) {
    case 'absent':
      return data === undefined;
    case 'present':
      return data !== undefined;
    case 'equals':
      return data !== undefined && fieldOf(data, condition.field) === condition.value;
    case 'absent_or_equals':
      return data === undefined || fieldOf(data, condition.field) === condition.value;
    case 'at_most': {
      const value = data && fieldOf(data, condition.field);
      return typeof value === 'number' && value <= condition.value;
    }
  }
}

/** A field of the item itself, never of its prototype. */
export function fieldOf(data: JsonObject, field: string): unknown {
  return Object.hasOwn(data, field) ? data[field] : undefined;
}
