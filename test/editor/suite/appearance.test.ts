// Pictures for a person to look at, in shots/: both themes, what is long, what is empty.
import { strict as assert } from 'node:assert';
import { ConfigurationTarget, commands, Selection, window, workspace } from 'vscode';
import { behind, hintsWhen, lenses, replace } from '../asking.ts';
import { open, screenshot, shown, until, write } from '../editor.ts';

/** A quiet window, as wide as the text is. */
async function calm(name: string) {
  await commands.executeCommand('workbench.action.closeAllEditors');
  await commands.executeCommand('workbench.action.closeSidebar');
  await commands.executeCommand('notifications.clearAll');
  const editor = await open(name);
  await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
  await until('lenses', async () => (await lenses(editor.document)).length > 0);
  await shown('.codelens-decoration', /per layer/);
  return editor;
}

/** Tokens of the text, by colour. */
const words = '.view-line > span > span';

/** Hovers fade in. */
const painted = () => new Promise((resolve) => setTimeout(resolve, 600));

const theme = (name: string) =>
  workspace.getConfiguration('workbench').update('colorTheme', name, ConfigurationTarget.Global);

for (const [short, name] of [
  ['dark', 'Default Dark Modern'],
  ['light', 'Default Light Modern'],
] as const)
  suite(`pictures, ${short}`, () => {
    suiteSetup(() => theme(name));

    test('the example', async () => {
      const editor = await calm('bert_u280.weft');
      editor.selection = new Selection(8, 0, 8, 0);
      // What an accelerator says of itself reads as one column.
      const [device, phase] = [await shown(words, /^device$/), await shown(words, /^phase$/)];
      assert.equal(device?.color, phase?.color);
      await screenshot(`example-${short}`);
    });

    test('a hover on a kernel', async () => {
      const editor = await calm('bert_u280.weft');
      const at = behind(editor.document, 'kernel sof');
      editor.selection = new Selection(at, at);
      await commands.executeCommand('editor.action.showHover');
      await shown('.monaco-hover', /cycles =/);
      await painted();
      await screenshot(`hover-${short}`);
    });

    test('an over-full die with its message', async () => {
      const { document } = await calm('bert_u280.weft');
      const editor = await write(`over-${short}.weft`, document.getText());
      await replace(editor, 'up      array 8 x 16', 'up      array 64 x 64');
      await shown('.squiggly-error', /^/);
      const at = behind(editor.document, 'up      array 6');
      editor.selection = new Selection(at, at);
      await commands.executeCommand('editor.action.showHover');
      await shown('.monaco-hover', /dsp-oversubscribed/);
      await shown('.codelens-decoration', /per layer/);
      await painted();
      await screenshot(`message-${short}`);
    });

    test('completion of a channel', async () => {
      const { document } = await calm('bert_u280.weft');
      const editor = await write(`completion-${short}.weft`, document.getText());
      const at = behind(editor.document, 'norm1   lanes 8               as fp32');
      editor.selection = new Selection(at, at);
      await commands.executeCommand('type', { text: ' weights ' });
      await commands.executeCommand('editor.action.triggerSuggest');
      await shown('.suggest-widget', /hbm/);
      await screenshot(`completion-${short}`);
    });

    test('long names, a half-typed device, an empty file', async () => {
      const long = 'a_very_long_name_that_somebody_thought_would_help_to_find_the_kernel_again_later';
      const text = (await open('bert_u280.weft')).document.getText().replaceAll('bert_u280', long);
      const editor = await write(`long-${short}.weft`, text.replace('kernel up ', `kernel ${long} : up `));
      await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
      await shown('.codelens-decoration', /per layer/);
      await screenshot(`long-${short}`);
      await replace(editor, 'u280 at', 'u28 at');
      await hintsWhen(editor.document, 'old hints', (all) => /was/.test([...all.values()].join()));
      await shown('.codelens-decoration', /was/);
      await screenshot(`old-${short}`);
      await write(`empty-${short}.weft`, '');
      await screenshot(`empty-${short}`);
    });

    suiteTeardown(async () => {
      for (const editor of window.visibleTextEditors) if (editor.document.isDirty) await editor.document.save();
      await commands.executeCommand('workbench.action.closeAllEditors');
    });
  });
