/** Keys: the file format of the `landsea` command, and who acts with them. */
import { fromHex, parseJson, toHex } from "./bytes.js";
import { publicKey } from "./crypto.js";

/** Who acts: an account with the key that signs for it. */
export type Identity = { account: string; key: number; seed: Uint8Array; publicKey: string };

/** The content of a key file. */
export type KeyFile = { kind: "ledger" | "validator" | "network"; public_key: string; secret_key: string; account?: string; index?: number };

/** Reads a key file's text; the error never repeats any part of it. */
export function readKeyFile(text: string): KeyFile {
  let stored: KeyFile;
  try {
    stored = parseJson(text) as KeyFile;
  } catch {
    throw new Error("this is not a key file");
  }
  if (!["ledger", "validator", "network"].includes(stored?.kind) || !/^[0-9a-fA-F]{64}$/.test(stored.secret_key)) throw new Error("this is not a key file");
  if (publicKeyOf(fromHex(stored.secret_key)) !== String(stored.public_key).toLowerCase()) throw new Error("public_key does not belong to secret_key");
  return stored;
}

/** The identity that a ledger key stands for; `account` overrides the one that the file names. */
export function identity(file: KeyFile, account = file.account): Identity {
  if (file.kind !== "ledger") throw new Error(`a ledger key is needed, this is a ${file.kind} key`);
  if (!account) throw new Error("the key names no account");
  const seed = fromHex(file.secret_key, 32);
  return { account, key: file.index ?? 0, seed, publicKey: publicKeyOf(seed) };
}

/** The public half of a 32-byte seed, as hex digits. */
export const publicKeyOf = (seed: Uint8Array): string => toHex(publicKey(seed));

/** Makes a new key from the platform's randomness. */
export function generateKey(kind: KeyFile["kind"] = "ledger"): KeyFile {
  const seed = randomBytes(32);
  return { kind, public_key: publicKeyOf(seed), secret_key: toHex(seed) };
}

export function randomBytes(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}

/** A random number of 64 bits, for nonces. */
export const randomNumber = (): bigint => BigInt(`0x${toHex(randomBytes(8))}`);
