// The network at a glance: members as tiles, blocks and transactions as they commit.

import { useEffect, useRef, useState } from "preact/hooks";
import { network, quorum } from "../network.ts";
import { call, callEach, follow, RpcError, type Block, type MemberView, type Outcomes, type Status } from "../rpc.ts";
import { t, word } from "../strings.ts";
import { ago, Card, clock, Id, memberName, number, shortName } from "../ui.tsx";

/** Heights looked back at, so that a quiet chain still shows its last transactions. */
const BACK = 300;
/** Blocks kept in view, and rows of a table. */
const KEPT = 40;
const SHOWN = 14;
/** Blocks asked for at a time once the first stand: a full one is large, and on a busy chain most pass unread. */
const PER_PAINT = 4;
/** How often arrivals are shown, milliseconds: a busy chain commits faster than anybody reads. */
const PAINT_MS = 400;

interface Row extends Outcomes {
  block?: Block;
}

interface Tx {
  id: string;
  code: number;
  height: number;
  block_time: number;
}

/** Follows the chain from a few heights below its tip. */
function useLive(height: number) {
  const [rows, set] = useState<Row[]>([]);
  const [transactions, setTransactions] = useState<Tx[]>([]);
  const [connected, setConnected] = useState<boolean | null>(null);
  const arrived = useRef<Row[]>([]);
  useEffect(() => {
    const end = follow(Math.max(1, height - BACK + 1), { outcomes: (notice) => arrived.current.push(notice), connected: setConnected });
    let first = true;
    const paint = setInterval(async () => {
      const all = arrived.current.splice(0);
      if (all.length === 0) return;
      const txs = all.flatMap(({ height, block_time, outcomes }) => outcomes.map(([id, code]) => ({ id, code, height, block_time }))).reverse();
      setTransactions((old) => [...txs.slice(0, SHOWN), ...old].slice(0, SHOWN));
      const fresh = all.slice(-KEPT).reverse();
      const wanted = fresh.slice(0, first ? SHOWN : PER_PAINT);
      first = false;
      const blocks = await callEach<Block>("block", wanted.map((row) => ({ height: row.height }))).catch(() => []);
      set((old) => [...fresh.map((row, at) => ({ ...row, block: blocks[at] ?? undefined })), ...old].slice(0, KEPT));
    }, PAINT_MS);
    return () => (end(), clearInterval(paint));
  }, []);
  return { rows, transactions, connected };
}

/** What the node tells of the other members; an older one tells only who is connected. */
function useMembers(status: Status): { views: MemberView[]; heights: boolean } {
  const [told, set] = useState<MemberView[] | null>(null);
  const unsupported = useRef(false);
  useEffect(() => {
    if (unsupported.current) return;
    call<MemberView[]>("members").then(set, (error) => (unsupported.current = error instanceof RpcError && error.isUnsupported));
  }, [status]);
  if (told) return { views: told, heights: true };
  return { views: status.peers.map((peer) => ({ ...peer, height: null, about: null })), heights: false };
}

export function Overview({ status }: { status: Status }) {
  const { rows, transactions, connected } = useLive(status.height);
  const { views, heights } = useMembers(status);
  const height = Math.max(status.height, rows[0]?.height ?? 0);
  const age = Date.now() - Math.max(status.block_time, rows[0]?.block_time ?? 0);
  const online = status.peers.filter((peer) => peer.connected).length + 1;
  const count = network.members.length || status.peers.length + 1;
  return (
    <>
      <h1 class="sr">{t("overview")}</h1>
      <dl class="strip">
        <div><dt>{t("height")}</dt><dd data-height={height}>{number(height)}</dd></div>
        <div><dt>{t("last_block")}</dt><dd class={age > 60_000 ? "bad-text" : ""}>{ago(age)}</dd></div>
        <div><dt>{t("online")}</dt><dd class={online < quorum(count) ? "bad-text" : ""}>{online}<small> / {count}</small></dd></div>
        <div><dt>{t("waiting")}</dt><dd>{number(status.mempool_transactions)}</dd></div>
        <div><dt>{t("version")}</dt><dd>{status.version}</dd></div>
        <div class="grow"><dt>{t("chain")}</dt><dd class="small"><Id value={status.chain_id} /></dd></div>
      </dl>
      {connected === false && <p class="note warn" role="status">{t("lost")}</p>}
      <Card title={t("members")} aside={t("members_of", { n: count, q: quorum(count) })}>
        <ul class="tiles">
          {network.members.map((member) => {
            const own = member.index === status.member;
            const view = views.find((v) => v.member === member.index);
            const up = own || !!view?.connected;
            const at = own ? height : view?.height ?? null;
            const about = own ? { version: status.version, round: status.round, peers: online - 1, voting: status.voting } : view?.about;
            // Lag is against the node's height of the same moment; blocks that came since are no lag.
            const behind = own ? 0 : at === null ? null : Math.max(0, status.height - at);
            return (
              <li class={`tile ${up ? (behind !== null && behind > 3 ? "slow" : "up") : "down"}${own ? " own" : ""}`} key={member.code} data-member={member.code}>
                <div class="tile-head">
                  <span class="code">{member.code.toUpperCase()}</span>
                  <span class="lamp">{!up ? t("disconnected") : about && !about.voting ? t("observing") : t(own ? "this_node" : "connected")}</span>
                </div>
                <b class="tile-name" title={`${memberName(member.index)} · ${member.operator}`}>{shortName(member.index)}</b>
                <div class="tile-height">{at === null ? "—" : number(at)}</div>
                <div class="tile-foot">
                  <span>{t("lag")} <b>{behind === null || !up ? "—" : behind <= 1 ? "0" : number(behind)}</b></span>
                  <span>{t("round")} <b>{about?.round ?? "—"}</b></span>
                  <span>{t("peers")} <b>{about?.peers ?? "—"}</b></span>
                  <span>{t("version")} <b>{about?.version ?? "—"}</b></span>
                </div>
              </li>
            );
          })}
        </ul>
        <p class="foot">{t(heights ? "tile_note" : "tile_note_bare")}</p>
      </Card>
      <div class="columns">
        <Blocks rows={rows} live={connected === true} />
        <Transactions all={transactions} />
      </div>
    </>
  );
}

function Blocks({ rows, live }: { rows: Row[]; live: boolean }) {
  const [hide, setHide] = useState(false);
  const shown = rows.filter((row) => !hide || row.outcomes.length > 0).slice(0, SHOWN);
  return (
    <Card
      title={<>{t("blocks")} <span class={`pulse${live ? " on" : ""}`}>{t("live")}</span></>}
      aside={<label class="check"><input type="checkbox" checked={hide} onChange={(e) => setHide(e.currentTarget.checked)} /> {t("hide_empty")}</label>}
    >
      <table class="rows" id="blocks">
        <thead><tr><th>{t("height")}</th><th>{t("time")}</th><th>{t("proposer")}</th><th class="num opt">{t("round")}</th><th class="num">{t("signed")}</th><th class="num">{t("count")}</th></tr></thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.height}>
              <td><a href={`#/block/${row.height}`}>{number(row.height)}</a></td>
              <td class="mono">{clock(row.block_time)}</td>
              <td>{shortName(row.block?.block.header.proposer)}</td>
              <td class="num opt">{row.block?.certificate.round ?? "—"}</td>
              <td class="num">{row.block ? `${row.block.certificate.signatures.length}/${network.members.length}` : "—"}</td>
              <td class="num">{row.outcomes.length || <span class="muted">0</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Transactions({ all }: { all: Tx[] }) {
  return (
    <Card title={t("transactions")}>
      {all.length === 0 ? (
        <p class="muted pad">{t("no_transactions")}</p>
      ) : (
        <table class="rows" id="transactions">
          <thead><tr><th>{t("transaction")}</th><th class="num">{t("height")}</th><th class="opt">{t("time")}</th><th>{t("result")}</th></tr></thead>
          <tbody>
            {all.map(({ id, code, height, block_time }) => (
              <tr key={id}>
                <td><Id value={id} href={`#/tx/${id}`} /></td>
                <td class="num">{number(height)}</td>
                <td class="mono opt">{clock(block_time)}</td>
                <td><Code code={code} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

/** An outcome code with its meaning. */
export function Code({ code }: { code: number }) {
  return <span class={`code-word ${code === 0 ? "good" : "bad"}`}>{code !== 0 && <b>{code}</b>} {word("code", code)}</span>;
}
