// Ends a process whose parent died, by a native module; VS Code also looks every second by itself, which is enough here.
export function start() {}
