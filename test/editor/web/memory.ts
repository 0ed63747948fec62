// A file system in memory, as a stand-in for those that vscode.dev mounts (GitHub, Azure …): no process could read it.
import {
  type Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  type Uri,
} from 'vscode';

type Entry = Uint8Array | 'folder';

export class MemoryFiles implements FileSystemProvider {
  readonly #entries = new Map<string, Entry>([['/', 'folder']]);
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.#entries.set(path, new TextEncoder().encode(text));
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  #entry(uri: Uri): Entry {
    const entry = this.#entries.get(uri.path);
    if (entry === undefined) throw FileSystemError.FileNotFound(uri);
    return entry;
  }

  #tell(type: FileChangeType, uri: Uri): void {
    this.#changed.fire([{ type, uri }]);
  }

  stat(uri: Uri): FileStat {
    const entry = this.#entry(uri);
    return entry === 'folder'
      ? { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 }
      : { type: FileType.File, ctime: 0, mtime: 0, size: entry.length };
  }

  readDirectory(uri: Uri): [string, FileType][] {
    const prefix = uri.path === '/' ? '/' : `${uri.path}/`;
    return [...this.#entries].flatMap(([path, entry]): [string, FileType][] => {
      const name = path.slice(prefix.length);
      if (!path.startsWith(prefix) || name === '' || name.includes('/')) return [];
      return [[name, entry === 'folder' ? FileType.Directory : FileType.File]];
    });
  }

  createDirectory(uri: Uri): void {
    this.#entries.set(uri.path, 'folder');
    this.#tell(FileChangeType.Created, uri);
  }

  readFile(uri: Uri): Uint8Array {
    const entry = this.#entry(uri);
    if (entry === 'folder') throw FileSystemError.FileIsADirectory(uri);
    return entry;
  }

  writeFile(uri: Uri, content: Uint8Array): void {
    const type = this.#entries.has(uri.path) ? FileChangeType.Changed : FileChangeType.Created;
    this.#entries.set(uri.path, content);
    this.#tell(type, uri);
  }

  delete(uri: Uri): void {
    this.#entry(uri);
    for (const path of [...this.#entries.keys()])
      if (path === uri.path || path.startsWith(`${uri.path}/`)) this.#entries.delete(path);
    this.#tell(FileChangeType.Deleted, uri);
  }

  rename(from: Uri, to: Uri): void {
    for (const [path, entry] of [...this.#entries]) {
      if (path !== from.path && !path.startsWith(`${from.path}/`)) continue;
      this.#entries.delete(path);
      this.#entries.set(to.path + path.slice(from.path.length), entry);
    }
    this.#tell(FileChangeType.Deleted, from);
    this.#tell(FileChangeType.Created, to);
  }
}
