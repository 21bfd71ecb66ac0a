/** Numbers that are routed while the load runs, all to one extension. */
export const NUMBERS = 10_000;
export const numberAt = (i: number): string => `+4412235${String(50_000 + i).padStart(5, '0')}`;
export const SIP = 'sip:100@pbx.example.com';
