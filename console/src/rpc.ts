// The node's JSON-RPC: calls over HTTP, live heights over a WebSocket.

import { bearer } from "./session.ts";

/** A refusal by the node, or none at all. */
export class RpcError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
  get isForbidden() {
    return this.code === -32002 || this.code === -32001;
  }
  get isUnsupported() {
    return this.code === -32601;
  }
  get isUnreachable() {
    return this.code === 0;
  }
}

type Reply = { id: number; result?: unknown; error?: { code: number; message: string } };

async function post(body: unknown, token = bearer()): Promise<unknown> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  let answer: Response;
  try {
    answer = await fetch("/rpc", { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new RpcError(0, "unreachable");
  }
  if (!answer.ok) throw new RpcError(answer.status === 429 ? -32003 : 0, `HTTP ${answer.status}`);
  return answer.json();
}

/** Calls a method; with another token than that of whoever is signed in, if one is given. */
export async function call<T>(method: string, params: object = {}, token?: string): Promise<T> {
  const reply = (await post({ jsonrpc: "2.0", id: 1, method, params }, token)) as Reply;
  if (reply.error) throw new RpcError(reply.error.code, reply.error.message);
  return reply.result as T;
}

/** Calls one method for many parameters at once; a refused one is null. */
export async function callEach<T>(method: string, each: object[]): Promise<(T | null)[]> {
  if (each.length === 0) return [];
  const found: (T | null)[] = [];
  for (let from = 0; from < each.length; from += 32) {
    const batch = each.slice(from, from + 32).map((params, id) => ({ jsonrpc: "2.0", id, method, params }));
    const replies = (await post(batch)) as Reply[];
    const byId = new Map(replies.map((reply) => [reply.id, reply]));
    found.push(...batch.map(({ id }) => (byId.get(id)?.result ?? null) as T | null));
  }
  return found;
}

/** What a committed height decided. */
export interface Outcomes {
  height: number;
  block_time: number;
  outcomes: [string, number][];
}

/**
 * Follows committed heights from one on. A lost connection is taken up again at the height after the last that came, so nothing is
 * lost and nothing comes twice. Returns the function that ends it.
 */
export function follow(from: number, on: { outcomes(notice: Outcomes): void; connected(is: boolean): void }): () => void {
  let next = from;
  let socket: WebSocket | null = null;
  let timer = 0;
  let ended = false;
  const open = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/rpc`);
    socket.onopen = () => socket?.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe_outcomes", params: { from_height: next } }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id === 1) return on.connected(!message.error);
      const notice = message.params?.result as Outcomes | undefined;
      if (message.method !== "outcomes" || !notice || notice.height < next) return;
      next = notice.height + 1;
      // The sweep's own outcome has the zero id and is no transaction.
      on.outcomes({ ...notice, outcomes: notice.outcomes.filter(([id]) => !/^0+$/.test(id)) });
    };
    socket.onclose = () => {
      if (ended) return;
      on.connected(false);
      timer = window.setTimeout(open, 1500);
    };
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
}

export interface Status {
  chain_id: string;
  member: number;
  code: string;
  version: string;
  height: number;
  block_time: number;
  round: number;
  voting: boolean;
  peers: { member: number; connected: boolean }[];
  mempool_transactions: number;
}
export interface MemberView {
  member: number;
  connected: boolean;
  /** The last height that the node heard from the member. */
  height: number | null;
  /** What it told of itself. */
  about: { version: string; round: number; peers: number; voting: boolean } | null;
}
export interface Block {
  id: string;
  block: { header: { height: number; time: number; parent: string; proposer: number; state_root: string; transactions: number } };
  certificate: { round: number; signatures: [number, string][] };
  transactions: [string, number][];
}
export interface PublicDoc {
  id: string;
  ver: number;
  kind: number;
  fp1: string;
  state: string;
  lots: string[];
  replaced_by: string | null;
  content_root: string;
  issuer: string;
  home: number;
}
export interface Doc extends PublicDoc {
  legal_basis: string;
  issue_date: number;
  order_type: string;
  holder: string;
  beneficiary: string | null;
  medium: string;
  enc: string | null;
  replaces: string | null;
}
export interface Encumbrance {
  pledge: string;
  since_height: number;
  index: number;
  member: number;
}
export interface DocumentView {
  public: PublicDoc;
  status: string;
  encumbrance: Encumbrance | null;
  reservation: { until: number; member: number } | null;
  hold: { kind: string; until: number } | null;
  record: Doc | null;
}
export interface LotView {
  id: string;
  public: { status: string; title: string | null; custodian: string; place: number };
  encumbrance: Encumbrance | null;
  record: { uom: string; qty: number; packages: number; goods_class: string } | null;
}
export interface ChainEntry {
  n: number;
  action: string;
  actor: string;
  recipient: string | null;
  time: number;
  height: number;
}
export interface TimelineEntry {
  lot: string;
  event: {
    id: string;
    report: { step: string; node: string; at: number; custody: { from: string; to: string } | null };
    action: string;
    reporter: string;
    recorded: number;
    height: number;
    corrected_by: string | null;
  };
}
export interface HoldView {
  id: string | null;
  kind: string;
  state: string;
  until: number;
  member: number | null;
}
export interface PledgeView {
  id: string;
  state: string;
  member: number;
  record: { docs: string[]; pledgor: string; pledgee: string; priority: { height: number; index: number }; reg_until: number; proof: string | null } | null;
}
export interface ProofView {
  public: { id: string; template: number; subject: string; level: number; state: string; valid_until: number };
  record: { attestations: { attester: string; roles: number; doc_kind: number; result: string; at: number }[] } | null;
}
export interface Transaction {
  id: string;
  height: number;
  index: number;
  block_time: number;
  code: number;
  code_name: string;
  args: number[];
  events: { name: string; subject: string; members: number[] }[];
  body: { sender: string; operations?: unknown[]; ops?: unknown[] } | null;
}
export interface Attempt {
  n: number;
  time: number;
  height: number;
  by: string;
  target: string;
  code: number;
  consented: boolean;
  existing_home: number;
  attempt_home: number;
}

