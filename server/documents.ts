/**
 * Documents whose columns are counted as the client counts them. Offsets are UTF-16 everywhere inside; the encoding that
 * client and server agreed on exists here alone.
 */
import {
  type Position,
  type Range,
  TextDocument,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver-textdocument';

export const positionEncodings = ['utf-16', 'utf-8', 'utf-32'] as const;
/** Unit of a column: a UTF-16 code unit, a byte of UTF-8, a code point. */
export type PositionEncoding = (typeof positionEncodings)[number];

export interface Documents {
  create(uri: string, languageId: string, version: number, text: string): TextDocument;
  update(document: TextDocument, changes: TextDocumentContentChangeEvent[], version: number): TextDocument;
}

/** @param encoding asked at every call: it is settled when the client introduces itself, after the server is made */
export function documentsIn(encoding: () => PositionEncoding): Documents {
  return {
    create(uri, languageId, version, text) {
      const plain = TextDocument.create(uri, languageId, version, text);
      const agreed = encoding();
      return agreed === 'utf-16' ? plain : new EncodedDocument(plain, widths[agreed]);
    },
    update: (document, changes, version) =>
      document instanceof EncodedDocument
        ? document.update(changes, version)
        : TextDocument.update(document, changes, version),
  };
}

type Width = (codePoint: number) => number;

const widths: Readonly<Record<Exclude<PositionEncoding, 'utf-16'>, Width>> = {
  'utf-8': (codePoint) => (codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4),
  'utf-32': () => 1,
};

class EncodedDocument implements TextDocument {
  private plain: TextDocument;
  private readonly width: Width;

  constructor(plain: TextDocument, width: Width) {
    this.plain = plain;
    this.width = width;
  }

  get uri(): string {
    return this.plain.uri;
  }
  get languageId(): string {
    return this.plain.languageId;
  }
  get version(): number {
    return this.plain.version;
  }
  get lineCount(): number {
    return this.plain.lineCount;
  }

  getText(range?: Range): string {
    const text = this.plain.getText();
    return range ? text.slice(this.offsetAt(range.start), this.offsetAt(range.end)) : text;
  }

  positionAt(offset: number): Position {
    const { line, character } = this.plain.positionAt(offset);
    const start = this.plain.offsetAt({ line, character: 0 });
    let column = 0;
    for (const one of this.plain.getText().slice(start, start + character)) column += this.width(one.codePointAt(0)!);
    return { line, character: column };
  }

  /** In the middle of a character: its start. */
  offsetAt({ line, character }: Position): number {
    const start = this.plain.offsetAt({ line, character: 0 });
    const end = this.plain.offsetAt({ line, character: Number.MAX_SAFE_INTEGER });
    let offset = start;
    let column = 0;
    for (const one of this.plain.getText().slice(start, end)) {
      column += this.width(one.codePointAt(0)!);
      if (column > character) break;
      offset += one.length;
    }
    return offset;
  }

  getLineRange(line: number): Range {
    const { start, end } = this.plain.getLineRange(line);
    return { start: this.positionAt(this.plain.offsetAt(start)), end: this.positionAt(this.plain.offsetAt(end)) };
  }

  getEOLCharacters(line: number): string {
    return this.plain.getEOLCharacters(line);
  }

  /** Changes follow one another: each is counted in the text that the one before it left. */
  update(changes: readonly TextDocumentContentChangeEvent[], version: number): this {
    for (const change of changes) {
      const { text } = change;
      const plain = 'range' in change ? { range: this.plainRange(change.range), text } : { text };
      this.plain = TextDocument.update(this.plain, [plain], version);
    }
    if (changes.length === 0) this.plain = TextDocument.update(this.plain, [], version);
    return this;
  }

  private plainRange({ start, end }: Range): Range {
    return {
      start: this.plain.positionAt(this.offsetAt(start)),
      end: this.plain.positionAt(this.offsetAt(end)),
    };
  }
}
