/** How messages are put together, so that all of them read alike. */

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** '‘a’' */
export function quoted(text: string): string {
  return `‘${text}’`;
}

/** 'a, b or c' */
export function either(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** What a message is about, at its start: a word of the language in quotes, anything else as it is. */
export function subjectOf(subject: string): string {
  return /^[a-z][a-z0-9_]*$/.test(subject) ? quoted(subject) : capital(subject);
}
