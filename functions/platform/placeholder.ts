const PLACEHOLDER =
  /^(?:|change[-_ ]?me|x{3,}|<.*>|your[-_ ].*|todo|none|null|undefined|placeholder|example|secret|password|dummy|test)$/i;

/** True for an empty value and for what templates put where a secret belongs: neither counts as a secret. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value.trim());
}
