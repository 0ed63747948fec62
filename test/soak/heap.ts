// Loaded into the server's process before the server: at each SIGUSR2 it collects garbage and writes down the heap in use.
// Needs node --expose-gc. Twice, as the first collection frees what the second one's finalisers held.
import { renameSync, writeFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const file = process.env.WEFT_HEAP_FILE ?? '';
  writeFileSync(`${file}.partial`, String(process.memoryUsage().heapUsed));
  renameSync(`${file}.partial`, file);
});
