/**
 * What a declaration's meaning was made from besides itself: every name that was looked up for it, every list of names and
 * every configuration that was read, with what was found. As long as all of that would be found again, so would the meaning.
 */

export type DeclarationSort = 'let' | 'model' | 'device' | 'baseline' | 'precision' | 'accelerator';

export type Question =
  | { readonly what: 'find' | 'own' | 'names' | 'own-names'; readonly sort: DeclarationSort; readonly name: string }
  | { readonly what: 'data' | 'parameters'; readonly name: string };

/** Whoever can be asked again. */
export interface Answering {
  /** Comparable by identity. */
  answer(question: Question, from: string): unknown;
}

interface Answered {
  readonly question: Question;
  /** URI of the file that asked. */
  readonly from: string;
  readonly answer: unknown;
}

export class Lookups {
  private readonly answered = new Map<string, Answered>();

  note(question: Question, from: string, answer: unknown): void {
    const sort = 'sort' in question ? question.sort : '';
    this.answered.set(`${question.what} ${sort} ${question.name} ${from}`, { question, from, answer });
  }

  /** What was made from another meaning was made from what that was made from. */
  add({ answered }: Lookups): void {
    for (const [key, one] of answered) this.answered.set(key, one);
  }

  /** Whether the files answer as they did. */
  hold(files: Answering): boolean {
    for (const { question, from, answer } of this.answered.values())
      if (files.answer(question, from) !== answer) return false;
    return true;
  }
}
