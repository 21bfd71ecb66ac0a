/** Kinds of file taken as papers, with what every file of that kind begins with. */
const BEGINNINGS = {
  'application/pdf': [[0x25, 0x50, 0x44, 0x46, 0x2d]],
  'image/jpeg': [[0xff, 0xd8, 0xff]],
  'image/png': [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
} as const;
export type ContentType = keyof typeof BEGINNINGS;
export const CONTENT_TYPES = Object.keys(BEGINNINGS) as ContentType[];
/** Bytes of a paper at most: the smallest limit of the carriers we hand in to is 5 MB (twilio.md §4); ours is 10 MiB. */
export const LARGEST_DOCUMENT = 10 * 1024 * 1024;

const EXTENSIONS: Readonly<Record<ContentType, readonly string[]>> = {
  'application/pdf': ['pdf'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/png': ['png'],
};

/** Why a file cannot be taken, from what is said about it; undefined when it may be uploaded (R3). */
export function declaredProblem(file: {
  readonly fileName: string;
  readonly contentType: string;
  readonly size: number;
}): { readonly code: string; readonly detail: string; readonly pointer: string } | undefined {
  const type = CONTENT_TYPES.find((one) => one === file.contentType);
  if (!type)
    return {
      code: 'file_type_not_allowed',
      pointer: '#/contentType',
      detail: `Papers are ${CONTENT_TYPES.join(', ')}.`,
    };
  const extension = file.fileName.split('.').at(-1)?.toLowerCase() ?? '';
  if (!EXTENSIONS[type].includes(extension))
    return {
      code: 'file_type_not_allowed',
      pointer: '#/fileName',
      detail: `A ${type} is named *.${EXTENSIONS[type].join(' or *.')}.`,
    };
  if (file.size > LARGEST_DOCUMENT)
    return { code: 'file_too_large', pointer: '#/size', detail: `At most ${LARGEST_DOCUMENT} bytes.` };
  return undefined;
}

/** What is wrong with the content; undefined when it is what it claims to be. The end is looked at too: cut uploads. */
export function contentProblem(bytes: Uint8Array, type: ContentType): string | undefined {
  const beginnings = BEGINNINGS[type] ?? [];
  if (!beginnings.some((beginning) => beginning.every((byte, index) => bytes[index] === byte)))
    return `The file is not a ${type}; it may be damaged or renamed.`;
  const tail = new TextDecoder('latin1').decode(bytes.subarray(Math.max(0, bytes.length - 1024)));
  if (type === 'application/pdf' && !tail.includes('%%EOF')) return 'The file is incomplete.';
  return undefined;
}
