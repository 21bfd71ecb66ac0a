export interface UploadLink {
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}
export interface BlobFacts {
  readonly size: number;
  readonly contentType: string;
  readonly sha256: string;
}

/** This function may give links out but not look at files: whoever may look writes down what it saw. */
export class FilesOutOfSight extends Error {
  override readonly name = 'FilesOutOfSight';
}

/** Files (papers), private. Keys are random names made by the caller: `[A-Za-z0-9_/-]+`. */
export interface Blobs {
  /** A link good for one upload of exactly this size and type, ≤ 5 min; it cannot replace a file that is there. */
  uploadLink(key: string, fixed: { readonly size: number; readonly contentType: string }): Promise<UploadLink>;
  /** A link that downloads the file as attachment under `fileName`, ≤ 5 min. */
  downloadLink(key: string, fileName: string): Promise<{ readonly url: string; readonly expiresAt: string }>;
  read(key: string): Promise<Uint8Array | undefined>;
  facts(key: string): Promise<BlobFacts | undefined>;
  remove(key: string): Promise<void>;
}
