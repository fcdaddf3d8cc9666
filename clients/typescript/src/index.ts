export { decode, encode, FormatError, signBytes } from "./borsh.js";
export { concat, fromHex, parseJson, toHex, toJson, utf8 } from "./bytes.js";
export { hash, hashOf, sign, verifyStrict } from "./crypto.js";
export { contentRoot, contentSalt, kindName, kindNumber, openedFields, rawIdentity, type ContentOpening } from "./identity.js";
export * from "./keys.js";
export { normalise, NormaliseError, readQuantity, type Class, type DateOrder } from "./normalise.js";
export * from "./paper.js";
export * from "./rpc.js";
export * as schema from "./schema.js";
export * from "./transaction.js";
export {
  chainId, compactCertificate, otherAnswer, readGenesis, timeText, verifyCertificate, type Asked, type Certificate, type Genesis, type Header, type Integrity, type PaperEvidence, type Question,
  type Trust, type Verdict, type Verification,
} from "./verify.js";
