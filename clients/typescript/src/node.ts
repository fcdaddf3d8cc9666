/** What only Node has: files. */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { identity, readKeyFile, type Identity, type KeyFile } from "./keys.js";

/** Reads a key file of the `landsea` command; one that others may read is refused, because its key must be taken as known. */
export function loadKeyFile(path: string): KeyFile {
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) throw new Error(`key file ${path} may be read by others; run \`chmod 600 ${path}\``);
  return readKeyFile(readFileSync(path, "utf8"));
}

/** The identity of a key file. */
export const loadIdentity = (path: string, account?: string): Identity => identity(loadKeyFile(path), account);

/** Writes a new key file that only its owner may read; a key is never overwritten. */
export function saveKeyFile(path: string, key: KeyFile): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${JSON.stringify(key, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
