/** A place in a file. `file` is a URI; offsets are UTF-16. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface Related {
  readonly span: Span;
  readonly message: string;
}

export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/** A quick fix: the edits of a spec that end the diagnostic. */
export interface Fix {
  readonly title: string;
  readonly edits: TextEdit[];
  /** The one that an architect would take without thinking. */
  readonly preferred?: boolean;
}

/** How an editor may show it besides its severity: greyed out, struck through. */
export type Tag = 'unnecessary' | 'deprecated';

/** What a rule says of a spec. `code` names the rule and its documentation page. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly related: Related[];
  readonly tags?: readonly Tag[];
  /** What it is about, for the rule's quick fix: names of the accelerator, kernel, die, channel … */
  readonly subject: Readonly<Record<string, string>>;
}
