// The certificate verifier of the TypeScript client, as the page uses it.

import { hashOf } from "../../clients/typescript/src/crypto.ts";
import { chainId, verifyCertificate, type Asked, type Certificate, type Trust, type Verification } from "../../clients/typescript/src/verify.ts";

export type { Asked, Certificate };

/** The lines of a verified certificate, with what the page shows beside them. */
export interface Checked {
  integrity: { integrity: "VALID" | "INVALID"; signers?: number; validators?: number; height?: number; time?: number; reason?: string; block?: string };
  status: { verdict: string; state?: string; until?: number; member?: number; since?: number; index?: number; kind?: string; level?: number; age_ms?: number; max_age_ms?: number };
  issuer: Verification["issuer"];
  /** The document that the certificate shows, if it proves anything and shows one. */
  doc: string | null;
  /** Of a certificate of two heights: the first one's answer, and what became of the document. */
  earlier: { verdict: string; height: number; time: number; change: string } | null;
}

/** The largest age of an answer for the newest height: the page asked for what stands now. */
export const FRESH_MS = 3_600_000;

/** The text is no certificate at all, not even a bad one. */
export class NotACertificate extends Error {}

/** Verifies a certificate file's text from a genesis file's text; `maxAgeMs` 0 stands for any age. */
export function check(text: string, genesis: string, maxAgeMs: number): Checked {
  if (!looksLikeOne(text)) throw new NotACertificate("not a certificate");
  return judge(text, { genesis, ...(maxAgeMs ? { maxAgeMs } : {}) });
}

/** Verifies what a node answered: a certificate about anything else than was asked is INVALID, one of the newest height that is old STALE. */
export function checkAnswer(text: string, genesis: string, asked: Asked): Checked {
  return judge(text, { genesis, asked, ...(asked.height === undefined ? { maxAgeMs: FRESH_MS } : {}) });
}

function judge(text: string, trust: Trust): Checked {
  const result = verifyCertificate(text, trust);
  const { integrity, status, issuer, certificate, history } = result;
  const first = history?.earlier.certificate?.header;
  const valid = integrity.integrity === "VALID" && certificate;
  return {
    integrity: valid ? { ...integrity, block: hashOf("header", certificate.header) } : integrity,
    status: status as Checked["status"],
    issuer,
    earlier: valid && first && history.change ? { verdict: history.earlier.word, height: first.height, time: first.time, change: history.change.change } : null,
    doc: valid && issuer ? certificate.items.find((item) => item.family === "doc")?.id ?? null : null,
  };
}

function looksLikeOne(text: string): boolean {
  try {
    const json = JSON.parse(text);
    return json !== null && typeof json === "object" && ("header" in json || "earlier" in json);
  } catch {
    return false;
  }
}

/** The chain that a genesis file begins; throws for a file that is none. */
export const chainOf = (genesis: string): string => chainId(genesis);

let served: Promise<string> | null = null;

/** The genesis file that the node serves, read once. */
export function nodeGenesis(): Promise<string> {
  served ??= fetch("/console/genesis.json").then((answer) => {
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
  });
  served.catch(() => (served = null));
  return served;
}
