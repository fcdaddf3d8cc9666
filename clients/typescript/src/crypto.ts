/** Hashes and signatures: BLAKE3 with domains, Ed25519 under the strict rule. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { encodeWithout } from "./borsh.js";
import { concat, equal, toHex, utf8 } from "./bytes.js";
import { constants } from "./schema.js";

export const hash = (...parts: Uint8Array[]): Uint8Array => blake3(concat(...parts));

/** The hash of a wire object under its domain, as hex digits: see `constants.hash` in the schema. */
export function hashOf(domain: string, value: unknown): string {
  const layout = constants.hash.domains[domain];
  if (!layout) throw new Error(`nothing is hashed under ${domain}`);
  return toHex(hash(utf8(`${constants.hash.prefix}${domain}\0`), encodeWithout(layout.type, layout.without, value)));
}

export const publicKey = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed);
export const sign = (message: Uint8Array, seed: Uint8Array): Uint8Array => ed25519.sign(message, seed);

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

function little(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/**
 * Checks a signature as the ledger's validators do (`verify_strict` of ed25519-dalek): the scalar is canonical, neither key nor point is
 * of small order, and the equation holds without the cofactor.
 */
export function verifyStrict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    const scalar = little(signature.slice(32));
    if (signature.length !== 64 || scalar >= ORDER) return false;
    const [a, r] = [Point.fromBytes(key, true), Point.fromBytes(signature.slice(0, 32), true)];
    if (a.isSmallOrder() || r.isSmallOrder()) return false;
    const k = little(sha512(concat(signature.slice(0, 32), key, message))) % ORDER;
    const expected = Point.BASE.multiplyUnsafe(scalar).subtract(a.multiplyUnsafe(k));
    return equal(expected.toBytes(), signature.slice(0, 32));
  } catch {
    return false;
  }
}

/** Whether a key is malformed or of small order; such keys are never registered. */
export function isWeak(key: Uint8Array): boolean {
  try {
    return Point.fromBytes(key, true).isSmallOrder();
  } catch {
    return true;
  }
}
