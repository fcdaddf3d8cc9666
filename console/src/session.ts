// Who is signed in. The key stays in this module's memory: it is neither stored nor sent. What the node gets is a token that the key
// signs, in the form of `client/src/token.rs`.

import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Key } from "./strings.ts";

/** How long a token is valid, milliseconds; the node accepts at most fifteen minutes. */
const TOKEN_TTL_MS = 10 * 60_000;
/** A token is replaced this long before it ends. */
const RENEW_MS = 2 * 60_000;

export interface Session {
  account: string;
  key: number;
  roles: string[];
  home: number;
}

interface Signer {
  session: Session;
  secret: Uint8Array;
  chain: Uint8Array;
  audience: number;
}

let signer: Signer | null = null;
let token: { text: string; until: number } | null = null;
const listeners = new Set<() => void>();

export const ROLES = ["BRANCH", "BANK", "RAIL", "MTO", "OCEAN", "FORWARDER", "WAREHOUSE", "SUPERVISOR", "CUSTOMS", "TAX", "INSURER", "ENTERPRISE", "AUDITOR"];

/** The roles of a set of bits. */
export const rolesOf = (bits: number) => ROLES.filter((_, bit) => bits & (1 << bit));

/** What is wrong with a key file, as a text of the page. */
export class KeyProblem extends Error {
  constructor(readonly key: Key, readonly values: Record<string, string> = {}) {
    super(key);
  }
}

/** A key file's content with what it stands for. */
export interface KeyFile {
  secret: Uint8Array;
  account: string | null;
  index: number;
}

/** Reads a key file. */
export function readKeyFile(text: string): KeyFile {
  let stored: { kind?: string; public_key?: string; secret_key?: string; account?: string | null; index?: number };
  try {
    stored = JSON.parse(text);
  } catch {
    throw new KeyProblem("key_bad");
  }
  const isHex = (value: unknown) => typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value);
  if (!stored || !isHex(stored.secret_key) || !isHex(stored.public_key)) throw new KeyProblem("key_bad");
  if (stored.kind !== "ledger") throw new KeyProblem("key_kind", { k: String(stored.kind) });
  const secret = hexToBytes(stored.secret_key!);
  if (bytesToHex(ed25519.getPublicKey(secret)) !== stored.public_key!.toLowerCase()) throw new KeyProblem("key_mismatch");
  return { secret, account: stored.account ?? null, index: stored.index ?? 0 };
}

/** Takes a key into use once the node accepts a token that it signs; `accepts` asks the node, and throws when it does not. */
export async function begin(session: Session, secret: Uint8Array, chain: string, audience: number, accepts: (token: string) => Promise<unknown>) {
  const next = { session, secret: secret.slice(), chain: hexToBytes(chain), audience };
  const until = Date.now() + TOKEN_TTL_MS;
  const text = signToken(next, until);
  await accepts(text);
  signer = next;
  token = { text, until };
  listeners.forEach((tell) => tell());
}

/** Forgets the key. */
export function end() {
  signer?.secret.fill(0);
  signer = null;
  token = null;
  listeners.forEach((tell) => tell());
}

export const session = () => signer?.session ?? null;
export const isBranch = () => session()?.roles.includes("BRANCH") ?? false;

/** Calls back when somebody signs in or out. */
export function onChange(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** The token to send, or nothing when nobody is signed in. */
export function bearer(): string | null {
  if (!signer) return null;
  if (!token || token.until - RENEW_MS < Date.now()) {
    const until = Date.now() + TOKEN_TTL_MS;
    token = { text: signToken(signer, until), until };
  }
  return token.text;
}

function signToken({ session, secret, chain, audience }: Signer, until: number): string {
  const body = new Uint8Array(32 + 2 + 32 + 1 + 8);
  const view = new DataView(body.buffer);
  body.set(hexToBytes(session.account));
  view.setUint16(32, session.key, true);
  body.set(ed25519.getPublicKey(secret), 34);
  view.setUint8(66, audience);
  view.setBigUint64(67, BigInt(until), true);
  const domain = new TextEncoder().encode("landsea/sign/v1/token\0");
  const signature = ed25519.sign(concat(domain, chain, body), secret);
  return bytesToHex(concat(body, signature));
}

const concat = (...parts: Uint8Array[]) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) whole.set(part, (at += part.length) - part.length);
  return whole;
};
