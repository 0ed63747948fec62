#!/usr/bin/env node
process.stderr.write('usage: weft check|estimate|export|format|lsp …\n');
process.exitCode = 2;
