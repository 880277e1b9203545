/** What comes of a call to the Docker daemon; undefined where it answers with one of these HTTP statuses. */
export async function ignoring<T>(statuses: number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (!statuses.includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
    return undefined;
  }
}
