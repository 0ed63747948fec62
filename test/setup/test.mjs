// `npm test`: installs what is missing, then runs every test there is. See test/run.ts.
import { installDebianPackages, installNodePackages, root, runNode } from './install.mjs';

installDebianPackages('test');
installNodePackages(root);
process.exitCode = runNode('test/run.ts', ...process.argv.slice(2));
