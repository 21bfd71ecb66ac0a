export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Stable name of this message; a repeat carries the same one (I12, N2). */
  readonly messageKey: string;
  readonly numberRequestId?: string;
}

/** Sends mail. Sending the same `messageKey` again is harmless where the engine can tell. Throws when refused (N1). */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}
