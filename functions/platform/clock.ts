/** Where the time comes from. Rules never read a clock: the instant is an argument. */
export interface Clock {
  now(): Date;
  /** Runs `wake` once the clock has reached `at`, however far away; the returned function takes it back. */
  wakeAt(at: Date, wake: () => void): () => void;
}
