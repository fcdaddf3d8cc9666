/** The JSON-RPC client: HTTP with tokens attached and renewed by themselves, events over WebSocket. */
import { encode, signBytes } from "./borsh.js";
import { concat, fromHex, parseJson, toHex, toJson } from "./bytes.js";
import { sign } from "./crypto.js";
import type { ContentOpening } from "./identity.js";
import type { Identity } from "./keys.js";
import { Paper, type DeriveRequest, type Document } from "./paper.js";
import { constants } from "./schema.js";
import type { Draft, Signed } from "./transaction.js";
import { otherAnswer, verifyCertificate, type Certificate, type Genesis, type Header, type PaperEvidence, type Question, type Verification } from "./verify.js";

/** How long a token is asked to live; the node accepts a little more, so that clocks may differ. */
const TOKEN_MS = 10 * 60 * 1000;
const TOKEN_MARGIN_MS = 60 * 1000;
/** The age up to which an answer counts as fresh, unless the caller says otherwise. */
const FRESH_MS = 60 * 60 * 1000;
const UNAUTHENTICATED = -32001;
const BUSY = -32003;
const WAIT_TIMEOUT = -32004;
const QUOTA_EXCEEDED = -32012;
const TIME_OVER = -32013;

/** The node answered with an error: a ledger code (1001 to 9003) with its name, or one of the interface. */
export class RpcError extends Error {
  readonly codeName: string;
  constructor(readonly code: number, message: string, readonly data: unknown, readonly method: string) {
    super(message);
    this.name = "RpcError";
    this.codeName = codeName(code);
  }
  /** Whether the same bytes may be sent again. */
  get isTransient(): boolean {
    return [BUSY, WAIT_TIMEOUT, QUOTA_EXCEEDED, TIME_OVER].includes(this.code);
  }
}

/** The node cannot be reached, or what answered is no node. */
export class TransportError extends Error {}

/** The node calls itself another member's, or another chain's, than it was taken for: no token was signed for that one. */
export class WrongNodeError extends Error {}

/** The node's certificate or ticket is about something else than was asked, or older: the node, or who stands between, lies or is broken. */
export class OtherAnswerError extends Error {}

/** A ledger operation was committed and refused. */
export class RefusedError extends Error {
  readonly code: number;
  readonly codeName: string;
  constructor(readonly outcome: TransactionView) {
    super(`refused: ${outcome.code} ${outcome.code_name} (${constants.codes.find(([n]) => n === outcome.code)?.[2] ?? "unknown"})`);
    this.name = "RefusedError";
    this.code = outcome.code;
    this.codeName = outcome.code_name;
  }
}

const INTERFACE_CODES: Record<number, string> = { [-32001]: "UNAUTHENTICATED", [-32002]: "FORBIDDEN", [-32003]: "BUSY", [-32004]: "WAIT_TIMEOUT", [-32005]: "HEIGHT", [-32012]: "QUOTA_EXCEEDED", [-32013]: "TIME_OVER" };
const codeName = (code: number): string => constants.codes.find(([number]) => number === code)?.[1] ?? INTERFACE_CODES[code] ?? "PROTOCOL";

export type Status = { chain_id: string; member: number; code: string; version: string; height: number; block_time: number; [more: string]: unknown };
export type LedgerEvent = { name: string; subject: string; related: string[]; members: number[]; parties: string[]; args: number[] };
export type TransactionView = {
  id: string; height: number; index: number; block_time: number; code: number; code_name: string; operation: number; args: number[]; events: LedgerEvent[];
  touched: string[]; body: unknown;
};
export type DocumentView = {
  public: { id: string; ver: number; kind: number; fp1: string; state: string; lots: string[]; replaced_by: string | null; content_root: string; issuer: string; home: number };
  status: string; encumbrance: unknown; reservation: unknown; hold: unknown; record: unknown;
};
export type DeriveTicketBody = { fp1: string; fp2: string; near: string[]; goods_keys: { class: number; key: string }[]; [more: string]: unknown };
export type Derived = { ticket: { body: DeriveTicketBody; public_key: string; signature: string }; query_ticket: { body: any; signature: string } };
export type EventNotice = { height: number; block_time: number; tx: string; index: number; event: LedgerEvent };
export type EventFilter = { names?: string[]; subjects?: string[]; members?: number[]; from_height?: number };

/** How a node's certificate is judged. */
export type Judge = {
  /** The chain's genesis file, from a source that you trust. */
  genesis: string | Genesis;
  pinned?: Header;
  /** The height asked for; the newest when absent. */
  height?: number;
  /** The largest age of an answer for the newest height, milliseconds, an hour unless told; `Infinity` for any. */
  maxAgeMs?: number;
};
export type Proven = { certificate: Certificate; verification: Verification };

type Options = {
  identity?: Identity;
  /**
   * The member whose node is meant; a node that calls itself another is refused. Without it the first answer is believed for the life of
   * the client, which is safe only where the connection itself shows who answers (TLS with a known certificate, this computer): a
   * token is signed for one member, and whoever poses as the node could otherwise have it signed for any other and use it there.
   */
  member?: number;
  /** Longest wait for one answer, milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
  /** For `events`, where the platform has none of its own. */
  WebSocket?: typeof globalThis.WebSocket;
};

export class Client {
  readonly url: string;
  readonly identity?: Identity;
  private readonly options: Options;
  private id = 0;
  private home?: Promise<Home>;
  private token?: { text: string; notAfter: number };

  constructor(url: string, options: Options = {}) {
    this.url = url.replace(/\/+$/, "");
    this.identity = options.identity;
    this.options = options;
  }

  /** The same node, asked as a party. What this client knows of the node, the other one holds it to. */
  as(identity: Identity): Client {
    const client = new Client(this.url, { ...this.options, identity });
    client.home = this.home;
    return client;
  }

  /** Calls any method; a stale token is renewed once. */
  async call<T = any>(method: string, params: unknown = {}): Promise<T> {
    try {
      return await this.request<T>(method, params, await this.bearer());
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== UNAUTHENTICATED || !this.identity) throw error;
      this.token = undefined;
      return this.request<T>(method, params, await this.bearer());
    }
  }

  private async request<T>(method: string, params: unknown, bearer?: string): Promise<T> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    const body = toJson({ jsonrpc: "2.0", id: ++this.id, method, params });
    const signal = AbortSignal.timeout(this.options.timeoutMs ?? 120_000);
    let answer: Answer<T>;
    try {
      const response = await (this.options.fetch ?? globalThis.fetch)(this.url, { method: "POST", headers, body, signal });
      answer = readAnswer(await response.text(), response.status);
    } catch (error) {
      const cause = (error as Error).cause;
      throw new TransportError(`${method}: no answer from ${this.url}: ${cause instanceof Error ? cause.message : (error as Error).message}`, { cause: error });
    }
    if (answer.error) throw new RpcError(answer.error.code, answer.error.message, answer.error.data, method);
    return answer.result as T;
  }

  /** Whose node it is on which chain: asked once, compared with the member that is meant, and kept. */
  private learnHome(): Promise<Home> {
    this.home ??= this.request<Status>("status", {}).then(
      (status) => this.checked(status, this.options.member),
    ).catch((error) => {
      this.home = undefined;
      throw error;
    });
    return this.home;
  }

  private checked({ chain_id, member }: Status, meant: number | undefined, chain = chain_id): Home {
    if (meant !== undefined && member !== meant) throw new WrongNodeError(`${this.url} calls itself the node of member ${member}, and member ${meant} is meant`);
    if (chain_id !== chain) throw new WrongNodeError(`${this.url} calls itself a node of chain ${chain_id}, and was one of chain ${chain}`);
    return { chain_id, member };
  }

  private async bearer(): Promise<string | undefined> {
    if (!this.identity && this.options.member === undefined) return undefined;
    const { chain_id, member } = await this.learnHome();
    if (!this.identity) return undefined;
    if (this.token && this.token.notAfter - Date.now() > TOKEN_MARGIN_MS) return this.token.text;
    const notAfter = Date.now() + TOKEN_MS;
    this.token = { text: token(this.identity, chain_id, member, notAfter), notAfter };
    return this.token.text;
  }

  /** The node's chain, member, height and load; it must call itself what it did before. */
  async status(): Promise<Status> {
    const status = await this.call<Status>("status");
    const home = await this.home;
    this.checked(status, home?.member, home?.chain_id);
    return status;
  }
  /** Hands a transaction to the node. ACCEPTED is not durable. */
  submit(transaction: Signed): Promise<{ id: string; status: string }> {
    return this.call("submit", { transaction: transaction.hex });
  }
  /** The code it would get now, without sending it. */
  simulate(transaction: Signed): Promise<{ code: number; code_name: string; operation: number; args: number[]; events: LedgerEvent[] }> {
    return this.call("simulate", { transaction: transaction.hex });
  }
  transaction(id: string): Promise<TransactionView | null> {
    return this.call("transaction", { id });
  }

  /**
   * Sends a transaction and waits until it is committed; throws `RefusedError` when the ledger refused it. The same bytes are sent again
   * while the node is busy or slow: a transaction is committed at most once.
   */
  async submitAndWait(transaction: Signed, waitMs = 120_000): Promise<TransactionView> {
    const until = Date.now() + waitMs;
    for (;;) {
      try {
        const view = await this.call<TransactionView>("submit_and_wait", { transaction: transaction.hex });
        if (view.code !== 0) throw new RefusedError(view);
        return view;
      } catch (error) {
        const isCommitted = error instanceof RpcError && error.code === 1002;
        const view = isCommitted ? await this.transaction(transaction.id) : null;
        if (view?.code === 0) return view;
        if (view) throw new RefusedError(view);
        const again = error instanceof RpcError ? error.isTransient : error instanceof TransportError;
        if (!again || Date.now() > until) throw error;
        await new Promise((resume) => setTimeout(resume, 500));
      }
    }
  }

  /** Signs a draft that has no end of validity yet for the node's newest height, and sends it. */
  async send(draft: Draft, identity = this.identity): Promise<TransactionView> {
    if (!identity) throw new Error("a draft needs an identity that signs it");
    if (draft.file.valid_until === null) draft.validFor(await this.status());
    return this.submitAndWait(draft.sign(identity));
  }

  document(by: { doc?: string; fingerprint?: string }): Promise<DocumentView | null> {
    return this.call("document", by);
  }
  header(height: number): Promise<Header | null> {
    return this.call("header", { height });
  }
  /**
   * A status certificate, of the newest height when none is named. Verify it before you believe it, or ask `proven`. One that answers
   * another question, or is of another height or (of the newest) older than `maxAgeMs`, throws `OtherAnswerError`.
   */
  async certificate(question: Question, height?: number, maxAgeMs: number = FRESH_MS): Promise<Certificate> {
    const certificate = await this.answer(question, height);
    const other = otherAnswer(certificate, { question, height });
    if (other) throw new OtherAnswerError(other);
    const age = Date.now() - certificate.header.time;
    if (height === undefined && age > maxAgeMs) throw new OtherAnswerError(`the newest certificate is ${Math.floor(age / 1000)} s old, at most ${Math.floor(maxAgeMs / 1000)} s are accepted`);
    return certificate;
  }

  /** A status certificate and what it proves: INVALID when it answers something else than was asked, STALE when it is old. */
  async proven(question: Question, { genesis, pinned, height, maxAgeMs = FRESH_MS, paper }: Judge & { paper?: PaperEvidence }): Promise<Proven> {
    const certificate = await this.answer(question, height);
    const limit = height === undefined && maxAgeMs !== Infinity ? { maxAgeMs } : {};
    const said = verifyCertificate(certificate ?? "", { genesis, pinned, paper, asked: { question, height }, ...limit });
    return { certificate, verification: said };
  }

  /**
   * Whether a paper in hand is free: the certificate about it with the paper as evidence. `opening` is the issuer's disclosure, which the
   * bearer hands over; without it no registered document is shown to be this paper. Every field that it opens is compared with the paper's.
   * Act on `isFreeForThisPaper`.
   */
  async provenForPaper(document: Document, judge: Judge & { opening?: ContentOpening; question?: string }): Promise<Proven & { ticket: Derived["query_ticket"] }> {
    const paper = new Paper(document);
    const { query_ticket: ticket } = await this.deriveFor(paper);
    const read = { form: "read" as const, fields: paper.fields.map(([id, bytes]): [number, number[]] => [id, [...bytes]]) };
    const disclosure = judge.opening ? { form: "opened" as const, opening: judge.opening } : read;
    const evidence: PaperEvidence = { ticket, disclosure, read: read.fields };
    const question = { question: judge.question ?? "not_pledged", fp1: ticket.body.fp1 };
    return { ...(await this.proven(question, { ...judge, paper: evidence })), ticket };
  }

  private answer(question: Question, height?: number): Promise<Certificate> {
    encode("Question", question);
    return this.call("certificate", height === undefined ? { question } : { question, height });
  }

  /** Keyed fingerprints of a paper, signed by the caller's own branch. */
  derive(request: DeriveRequest): Promise<Derived> {
    return this.call("fingerprint_derive", request);
  }

  /** The registered document that a paper is, with the tickets that show it; fields are normalised and hashed here and stay here. */
  async documentByPaper(document: Document): Promise<{ view: DocumentView | null; derived: Derived }> {
    const derived = await this.deriveFor(new Paper(document));
    return { view: await this.document({ fingerprint: derived.ticket.body.fp1 }), derived };
  }

  /** Tickets must be about the paper that was asked about. */
  private async deriveFor(paper: Paper): Promise<Derived> {
    const derived = await this.derive(paper.lookupRequest());
    const { raw1, fp1 } = derived?.query_ticket?.body ?? {};
    if (raw1 !== paper.rawIdentity() || fp1 !== derived.ticket?.body?.fp1) throw new OtherAnswerError("the tickets are about another paper than was asked about");
    return derived;
  }

  /**
   * Events as they are committed, from `filter.from_height` or the next height on. When the connection ends it is opened again at the last
   * height heard, and what was heard is left out, so nothing is lost or repeated. Ends when the loop over it ends.
   *
   * In Node the client's identity goes with it; a page in a browser cannot send a token and hears what everybody may hear.
   */
  async *events(filter: EventFilter = {}, signal?: AbortSignal): AsyncGenerator<EventNotice> {
    let from = filter.from_height ?? (await this.status()).height + 1;
    let heard = new Set<string>();
    for (let failures = 0; !signal?.aborted; failures++) {
      try {
        for await (const notice of this.connection({ ...filter, from_height: from }, signal)) {
          if (notice.height !== from) heard = new Set();
          from = notice.height;
          const key = `${notice.tx}/${notice.index}`;
          if (heard.has(key)) continue;
          heard.add(key);
          failures = 0;
          yield notice;
        }
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
      }
      if (!signal?.aborted) await new Promise((resume) => setTimeout(resume, Math.min(250 * 2 ** failures, 10_000)));
    }
  }

  private async *connection(filter: EventFilter, signal?: AbortSignal): AsyncGenerator<EventNotice> {
    const Socket = this.options.WebSocket ?? globalThis.WebSocket;
    if (!Socket) throw new Error("this platform has no WebSocket: pass one in the options");
    const bearer = typeof process === "object" && process.versions?.node ? await this.bearer() : undefined;
    const address = this.url.replace(/^http/, "ws");
    const socket: WebSocket = bearer ? new (Socket as any)(address, { headers: { authorization: `Bearer ${bearer}` } }) : new Socket(address);
    const queue: (EventNotice | Error)[] = [];
    let wake = (): void => {};
    const put = (entry: EventNotice | Error): void => {
      queue.push(entry);
      wake();
    };
    const stop = (): void => socket.close();
    signal?.addEventListener("abort", stop);
    socket.onopen = () => socket.send(toJson({ jsonrpc: "2.0", id: 1, method: "subscribe_events", params: filter }));
    socket.onclose = () => put(new TransportError(`the connection to ${this.url} has ended`));
    socket.onmessage = ({ data }) => {
      const { method, params, error } = parseJson(String(data)) as any;
      if (error) put(new RpcError(error.code, error.message, error.data, "subscribe_events"));
      else if (method === "event") put(params.result);
    };
    try {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const entry = queue.shift()!;
        if (entry instanceof Error) throw entry;
        yield entry;
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      socket.onclose = null;
      socket.close();
    }
  }
}

type Home = Pick<Status, "chain_id" | "member">;
type Answer<T> = { result?: T; error?: { code: number; message: string; data?: unknown } };

/** A JSON-RPC answer; whatever else stands before a node (a proxy's page, an overload) is named by its HTTP status. */
function readAnswer<T>(text: string, status: number): Answer<T> {
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch {
    answer = null;
  }
  if (answer === null || typeof answer !== "object" || !("result" in answer || "error" in answer)) throw new Error(`HTTP status ${status}`);
  return answer as Answer<T>;
}

const TOKEN_BODY = { tuple: ["AccountId", "u16", "PublicKey", "Member", "Timestamp"] };

/** The text after `Bearer `: who asks, of which member's node, until when, signed with the ledger key. */
export function token(identity: Identity, chainId: string, member: number, notAfter: number): string {
  const body = [identity.account, identity.key, identity.publicKey, member, notAfter];
  const signature = sign(signBytes("token", chainId, body, { type: TOKEN_BODY, without: [] }), identity.seed);
  return toHex(concat(encode(TOKEN_BODY, body), signature));
}

/** Reads a transaction that another program signed. */
export const readSigned = (hex: string, id: string): Signed => ({ hex, id, bytes: fromHex(hex) });
