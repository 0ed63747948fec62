// VS Code writes its logs (and the output channels of extensions) through @vscode/spdlog, a native module that would
// have to be compiled with Python and node-gyp. This has the part of its interface that VS Code calls.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const levels = /** @type {const} */ (['trace', 'debug', 'info', 'warn', 'error', 'critical']);

export class Logger {
  #level = levels.indexOf('info');
  #raw = false;

  /** @param {string} file */
  constructor(file) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  /**
   * @param {typeof levels[number]} level
   * @param {string} message
   */
  #write(level, message) {
    if (levels.indexOf(level) < this.#level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.file, this.#raw ? message : `${time} [${level}] ${message}\n`);
  }

  /** @param {string} message */
  trace(message) {
    this.#write('trace', message);
  }
  /** @param {string} message */
  debug(message) {
    this.#write('debug', message);
  }
  /** @param {string} message */
  info(message) {
    this.#write('info', message);
  }
  /** @param {string} message */
  warn(message) {
    this.#write('warn', message);
  }
  /** @param {string} message */
  error(message) {
    this.#write('error', message);
  }
  /** @param {string} message */
  critical(message) {
    this.#write('critical', message);
  }
  getLevel() {
    return this.#level;
  }
  /** @param {number} level */
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.#raw = true;
  }
  flush() {}
  drop() {}
}

/**
 * @param {string} _name
 * @param {string} file
 */
export async function createAsyncRotatingLogger(_name, file) {
  return new Logger(file);
}
export const createRotatingLogger = createAsyncRotatingLogger;
export function setFlushOn() {}
export function setLevel() {}
