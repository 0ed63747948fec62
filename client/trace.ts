/**
 * `weft.trace.server`: what passes between VS Code and the server, in the log. The language client traces into what is written at the
 * level *Trace* only, and asks for that level before it looks at the setting; here the setting alone decides.
 */
import { Disposable, type LogOutputChannel, workspace } from 'vscode';
import { type BaseLanguageClient, State, type StateChangeEvent, Trace } from 'vscode-languageclient';

/** The log, as the client's traces see it: they are written whatever its level. */
export function forTraces(log: LogOutputChannel): LogOutputChannel {
  return Object.create(log, { trace: { value: (message: string) => log.info(message) } });
}

/** Traces as the setting says, whenever the client has looked at it: at each start, and at each change of a setting. */
export function followTraceSetting(client: BaseLanguageClient): Disposable {
  // Behind whatever else hears of the same event.
  const follow = () =>
    setTimeout(() => {
      const wanted = workspace.getConfiguration('weft').get<string>('trace.server', 'off');
      void client.setTrace(Trace.fromString(wanted));
    });
  const started = ({ newState }: StateChangeEvent) => newState === State.Running && follow();
  return Disposable.from(client.onDidChangeState(started), workspace.onDidChangeConfiguration(follow));
}
