/** How a request is answered when its handler fails, is cancelled, or comes too late. */
import { type CancellationToken, ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver';

/** What a handler that may take long asks for on its way. */
export interface Pass {
  /**
   * Lets other messages through where the handler has worked for a while.
   * @throws where nobody waits for the answer any more, or the text that it is about has changed
   */
  breathe(): Promise<void>;
}

export interface Guard {
  /** The handler's answer, or an error of the protocol: a handler never takes the server with it. */
  answer<R>(
    method: string,
    token: CancellationToken,
    handler: (pass: Pass) => R | Promise<R>,
    isStale?: () => boolean,
  ): R | ResponseError<void> | Promise<R | ResponseError<void>>;
  /** What no request asked for: a failure is said in the log, and nothing is returned. */
  attempt<R>(subject: string, action: () => R): R | undefined;
}

/** Longest work, in milliseconds, before other messages get their turn. */
const SLICE = 8;

/** @param log is told of each failure once: the same one at every keystroke would drown the rest */
export function createGuard(log: (text: string) => void): Guard {
  const logged = new Set<string>();

  function report(subject: string, error: unknown): string {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const place = text.split('\n', 2).join(); // the message and where it was thrown, whatever the way there
    if (!logged.has(place)) log(`${subject}: ${text}`);
    logged.add(place);
    return error instanceof Error ? error.message : String(error);
  }

  /** An error that a handler means is its answer; any other is a bug: features are total. */
  function failure(method: string, error: unknown): ResponseError<void> {
    if (error instanceof ResponseError) return error;
    return new ResponseError(ErrorCodes.InternalError, `${method} failed: ${report(method, error)}`);
  }

  return {
    answer(method, token, handler, isStale = () => false) {
      if (token.isCancellationRequested) return cancelled();
      let since = performance.now();
      const pass: Pass = {
        async breathe() {
          if (performance.now() - since < SLICE) return;
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
          since = performance.now();
          if (token.isCancellationRequested) throw cancelled();
          if (isStale()) throw new ResponseError(LSPErrorCodes.ContentModified, 'The text has changed.');
        },
      };
      try {
        const answered = handler(pass);
        return answered instanceof Promise ? answered.catch((error: unknown) => failure(method, error)) : answered;
      } catch (error) {
        return failure(method, error);
      }
    },

    attempt(subject, action) {
      try {
        return action();
      } catch (error) {
        report(subject, error);
        return undefined;
      }
    },
  };
}

export function cancelled(): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled.');
}
