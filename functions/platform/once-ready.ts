/** Makes something at the first call and keeps it; a failure is not kept, the next call tries again. */
export function onceReady<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
