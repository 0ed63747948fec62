/**
 * Asks again and again until there is an answer other than undefined and false, and returns it.
 * @param what names what is waited for, in the error after `timeout` milliseconds
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeout = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > end) throw new Error(`Not within ${timeout / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
