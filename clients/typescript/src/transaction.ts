/**
 * Building transactions that several firms sign. A draft is the file that passes between them, in the same form as the `landsea` command's:
 * the sender states operations, every other party signs a consent over exactly that operation of exactly that sender, the sender signs.
 */
import { encode, signBytes } from "./borsh.js";
import { fromHex, toHex } from "./bytes.js";
import { hashOf, sign, verifyStrict } from "./crypto.js";
import { randomNumber, type Identity } from "./keys.js";
import { constants } from "./schema.js";

export type Operation = { operation: string; args: Record<string, unknown> };
export type Consent = {
  party: string; key: number; role: string; op_hash: string; not_after: number; nonce: number | bigint; public_key: string; signature: string;
};
export type DraftFile = {
  chain_id: string; sender: string; operations: Operation[]; consents: Consent[]; valid_until: number | null; nonce: number | bigint;
};
export type Signed = { id: string; bytes: Uint8Array; hex: string };
/** What a party is asked to agree to; also a file of the `landsea` command. */
export type ConsentRequest = { chain_id: string; sender: string; operation: Operation; party: string; role: string; not_after: number };

/** Heights for which a transaction stays valid unless the caller says otherwise. */
export const VALID_HEIGHTS = 200;
/** How long a consent stays valid unless the caller says otherwise, milliseconds. */
export const CONSENT_MS = 24 * 60 * 60 * 1000;

/** The hash that binds a consent to an operation and its sender. */
export const operationHash = (sender: string, operation: Operation): string => hashOf("operation", [sender, operation]);

/** Signs what a party is asked to agree to. */
export function signConsent(request: ConsentRequest, identity: Identity, nonce = randomNumber()): Consent {
  if (request.party !== identity.account) throw new Error("the consent is asked of another party");
  const op_hash = operationHash(request.sender, request.operation);
  const terms = { party: request.party, key: identity.key, role: request.role, op_hash, not_after: request.not_after, nonce };
  const signature = toHex(sign(signBytes("consent", request.chain_id, terms), identity.seed));
  return { ...terms, public_key: identity.publicKey, signature };
}

/** A transaction in the making. */
export class Draft {
  file: DraftFile;

  constructor(chainId: string, sender: string, nonce: number | bigint = randomNumber()) {
    this.file = { chain_id: chainId, sender, operations: [], consents: [], valid_until: null, nonce };
  }

  /** Goes on with a draft that another party began. */
  static from(file: DraftFile): Draft {
    const draft = new Draft(file.chain_id, file.sender, file.nonce);
    draft.file = { ...draft.file, ...file };
    return draft;
  }

  /** Adds an operation; throws and names the field when the arguments are not the operation's. */
  operation(operation: string, args: Record<string, unknown>): this {
    encode("Operation", { operation, args });
    this.file.operations.push({ operation, args });
    return this;
  }

  /** Sets the last height at which the transaction may be committed. */
  validUntil(height: number): this {
    this.file.valid_until = height;
    return this;
  }

  /** Lets the transaction be committed within so many heights of a node's newest block. */
  validFor(status: { height: number }, heights = VALID_HEIGHTS): this {
    return this.validUntil(status.height + heights);
  }

  consentRequest(index: number, party: string, role: string, notAfter: number): ConsentRequest {
    const operation = this.file.operations[index];
    if (!operation) throw new Error(`the draft has no operation ${index}`);
    return { chain_id: this.file.chain_id, sender: this.file.sender, operation, party, role, not_after: notAfter };
  }

  /** Has a party consent to every operation of the draft until a block time. */
  consent(identity: Identity, role: string, notAfter: number): this {
    this.file.operations.forEach((_, i) => this.attach(signConsent(this.consentRequest(i, identity.account, role, notAfter), identity)));
    return this;
  }

  /** Attaches a consent after checking that it is for one of the draft's operations and rightly signed. */
  attach(consent: Consent): this {
    const { chain_id, sender, operations, consents } = this.file;
    if (!operations.some((operation) => operationHash(sender, operation) === consent.op_hash)) {
      throw new Error(`the consent of ${consent.party} is for another operation or another sender than this draft's`);
    }
    const holds = verifyStrict(fromHex(consent.signature, 64), signBytes("consent", chain_id, consent), fromHex(consent.public_key, 32));
    if (!holds) throw new Error(`the consent of ${consent.party} is not signed by the key it names, or for another chain`);
    consents.push(consent);
    return this;
  }

  /**
   * Signs the draft; what the ledger would refuse whatever the state is refused here. `represents` names the party for which the sender
   * acts under a delegation.
   */
  sign(identity: Identity, represents: string | null = null): Signed {
    const { chain_id, sender, operations, consents, valid_until, nonce } = this.file;
    const { bounds, versions } = constants;
    if (operations.length < 1 || operations.length > bounds.operations) throw new Error(`${operations.length} operations; a transaction has 1 to ${bounds.operations}`);
    if (consents.length > bounds.consents) throw new Error(`${consents.length} consents; a transaction has at most ${bounds.consents}`);
    if (identity.account !== sender) throw new Error(`the draft is for sender ${sender}; the key belongs to ${identity.account}`);
    if (valid_until === null) throw new Error("the draft does not say until which height it is valid");
    const content = {
      version: versions.transaction, chain_id, sender, represents, key: identity.key, public_key: identity.publicKey, valid_until, nonce,
      ops: operations, consents,
    };
    const signature = toHex(sign(signBytes("transaction", chain_id, content), identity.seed));
    const bytes = encode("Transaction", { ...content, signature });
    if (bytes.length > bounds.transaction_bytes) throw new Error(`the transaction has ${bytes.length} bytes; at most ${bounds.transaction_bytes} are accepted`);
    return { id: hashOf("transaction", content), bytes, hex: toHex(bytes) };
  }
}
