// The Langium server of weft.langium over standard input and output: Langium's own services, with nothing added.
import { readFileSync } from 'node:fs';
import { createServicesForGrammar } from 'langium/grammar';
import { startLanguageServer } from 'langium/lsp';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node.js';

const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
const { shared } = await createServicesForGrammar({
  grammar: readFileSync(new URL('weft.langium', import.meta.url), 'utf8'),
  languageMetaData: { languageId: 'weft', fileExtensions: ['.weft'], caseInsensitive: false, mode: 'production' },
  parserConfig: { skipValidations: true },
  sharedModule: { lsp: { Connection: () => connection } },
});
startLanguageServer(shared);
