import { LINES } from '../../infra/constructs/api.ts';
import type { FunctionName } from '../../infra/table-rights.ts';

/** The function an HTTP API with these lines sends a call to: exact paths before `{proxy+}`, the api for anything else. */
export function functionAt(method: string, path: string): FunctionName {
  const fits = LINES.filter(
    (line) => line.methods.some((one) => one === 'ANY' || one === method) && isAt(line.path, path),
  );
  return (fits.find((line) => !line.path.includes('{proxy+}')) ?? fits[0])?.to ?? 'api';
}

function isAt(pattern: string, path: string): boolean {
  const text = pattern.replace(/\{proxy\+\}/, '.+').replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${text}$`).test(path);
}
