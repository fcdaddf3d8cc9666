// A document's page: what it is, what burdens it, where its goods are, and how sure its trade is.

import { network } from "../network.ts";
import { learn, role } from "../parties.ts";
import { call, RpcError, type ChainEntry, type DocumentView, type HoldView, type LotView, type PledgeView, type ProofView, type TimelineEntry } from "../rpc.ts";
import { t, word } from "../strings.ts";
import { marks, Timeline } from "../timeline.tsx";
import { Account, Badge, Card, Facts, Id, kindName, memberName, number, quantity, shortName, Shown, time, useLoad } from "../ui.tsx";
import { Verified } from "./verify.tsx";
import { useState } from "preact/hooks";

/** Lots whose events are read for the picture. */
const LOTS_DRAWN = 12;

/** A part of the page that the reader may not see is a word, not an error. */
async function allowed<T>(question: Promise<T>): Promise<T | "forbidden" | "unsupported"> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof RpcError && error.isForbidden) return "forbidden";
    if (error instanceof RpcError && error.isUnsupported) return "unsupported";
    throw error;
  }
}

interface Loaded {
  doc: DocumentView;
  lots: LotView[];
  chain: ChainEntry[] | "forbidden" | "unsupported";
  cargo: TimelineEntry[] | "forbidden";
  holds: HoldView[];
  pledge: PledgeView | null;
  proofs: ProofView[] | "forbidden" | "unsupported";
}

async function load(id: string): Promise<Loaded | null> {
  const doc = await call<DocumentView | null>("document", { doc: id });
  if (!doc) return null;
  const [lots, chain, holds, pledge, proofs] = await Promise.all([
    call<LotView[]>("lots_by_doc", { doc: id }),
    allowed(call<ChainEntry[]>("chain", { doc: id })),
    call<HoldView[]>("queue", { target: { doc: id } }),
    doc.encumbrance ? call<PledgeView | null>("pledge", { pledge: doc.encumbrance.pledge }) : null,
    allowed(call<ProofView[]>("proofs_by_doc", { doc: id })),
  ]);
  const [events, lotHolds] = await Promise.all([
    Promise.all(lots.slice(0, LOTS_DRAWN).map((lot) => allowed(call<TimelineEntry[]>("timeline", { lot: lot.id })))),
    Promise.all(lots.slice(0, LOTS_DRAWN).map((lot) => call<HoldView[]>("queue", { target: { lot: lot.id } }))),
  ]);
  const parties = Array.isArray(chain) ? chain.flatMap((entry) => [entry.actor, entry.recipient]) : [];
  const hands = events.flatMap((list) => (Array.isArray(list) ? list : [])).flatMap(({ event }) => [event.report.custody?.from, event.report.custody?.to]);
  await learn([...parties, ...hands, ...lots.map((lot) => lot.public.custodian)]);
  const seen = events.filter((list): list is TimelineEntry[] => Array.isArray(list));
  const all = new Map([...holds, ...lotHolds.flat()].map((hold) => [hold.id, hold]));
  return { doc, lots, chain, cargo: seen.length ? seen.flat() : "forbidden", holds: [...all.values()], pledge, proofs };
}

export function DocumentPage({ id }: { id: string }) {
  const found = useLoad(() => load(id), [id]);
  return <Shown of={found}>{(loaded) => (loaded ? <Page key={id} {...loaded} again={found.again} /> : <p class="note warn">{t("not_found")}</p>)}</Shown>;
}

function Page({ doc, lots, chain, cargo, holds, pledge, proofs, again }: Loaded & { again(): void }) {
  const [check, setCheck] = useState(0);
  const { public: open, record } = doc;
  const drawn = marks(Array.isArray(chain) ? chain : [], Array.isArray(cargo) ? cargo : [], doc);
  const keepers = lots.slice(0, 1).map((lot) => ({ custodian: lot.public.custodian, place: shortName(lot.public.place) }));
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{word("kind", kindName(open.kind))} <small>{kindName(open.kind)}</small></h1>
          <p class="under"><Id value={open.id} whole /></p>
        </div>
        <Badge name={doc.status} large group="verdict" />
        <div class="actions">
          <button type="button" class="button" onClick={again}>{t("refresh")}</button>
          <button type="button" class="button" id="get-certificate" onClick={() => setCheck(check + 1)}>{t("get_certificate")}</button>
          <a class="button primary" id="print-certificate" href={`#/certificate/${open.fp1}`}>{t("print_certificate")}</a>
        </div>
      </div>
      {check > 0 && <Verified key={check} question={{ question: "not_pledged", fp1: open.fp1 }} />}
      <div class="columns">
        <Card title={t("document")}>
          <Facts rows={[
            [t("state"), <Badge name={open.state} />],
            [t("issuer"), <Account id={open.issuer} />],
            [t("home"), memberName(open.home)],
            ...(record ? ([
              [t("issue_date"), String(record.issue_date).replace(/(\d{4})(\d\d)(\d\d)/, "$1-$2-$3")],
              [t("holder"), <Account id={record.holder} />],
              ...(record.beneficiary ? [[t("beneficiary"), <Account id={record.beneficiary} />]] : []),
              [t("order_type"), word("basis", record.order_type)],
              [t("legal_basis"), word("basis", record.legal_basis)],
              [t("medium"), word("basis", record.medium)],
            ] as [string, preact.ComponentChildren][]) : [[t("holder"), <span class="muted">{t("not_shown")}</span>] as [string, preact.ComponentChildren]]),
            ...(open.replaced_by ? [[t("replaced_by"), <Id value={open.replaced_by} href={`#/doc/${open.replaced_by}`} />] as [string, preact.ComponentChildren]] : []),
            ...(record?.replaces ? [[t("replaces"), <Id value={record.replaces} href={`#/doc/${record.replaces}`} />] as [string, preact.ComponentChildren]] : []),
            [t("fingerprint"), <Id value={open.fp1} />],
            [t("content_root"), <Id value={open.content_root} />],
            [t("doc_version"), open.ver],
          ]} />
        </Card>
        <div class="stack">
          <Card title={t("burdens")}><Burdens doc={doc} holds={holds} pledge={pledge} /></Card>
          <Card title={t("proof")}><Proofs proofs={proofs} /></Card>
        </div>
      </div>
      <Card title={t("history")}>
        {(chain === "forbidden" || (cargo === "forbidden" && lots.length > 0)) && (
          <p class="note">{chain === "forbidden" && t("actors_only")} {cargo === "forbidden" && lots.length > 0 && t("goods_only")}</p>
        )}
        {drawn.length > 0 ? <Timeline marks={drawn} keepers={keepers} /> : keepers.map(({ custodian, place }) => <p key={custodian}>{t("kept_now", { w: role(custodian), p: place })} <Account id={custodian} /></p>)}
      </Card>
      <Card title={t("lots")} aside={lots.length}>
        {lots.length === 0 ? <p class="muted pad">{t("none")}</p> : <div class="scroll" tabIndex={0} role="region" aria-label={t("lots")}>
          <table class="rows">
            <thead><tr><th>{t("lot")}</th><th>{t("state")}</th><th class="num">{t("qty")}</th><th class="num">{t("packages")}</th><th>{t("hs")}</th><th>{t("custodian")}</th><th>{t("place")}</th><th>{t("pledge")}</th></tr></thead>
            <tbody>
              {lots.map((lot) => (
                <tr key={lot.id}>
                  <td><Id value={lot.id} /></td>
                  <td>{word("state", lot.public.status)}</td>
                  <td class="num">{lot.record ? quantity(lot.record.qty, lot.record.uom) : "—"}</td>
                  <td class="num">{lot.record?.packages ?? "—"}</td>
                  <td class="mono">{lot.record?.goods_class ?? "—"}</td>
                  <td><Account id={lot.public.custodian} /></td>
                  <td>{shortName(lot.public.place)}</td>
                  <td>{lot.encumbrance ? <Badge name="ENCUMBERED" group="verdict" /> : "—"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>}
      </Card>
    </>
  );
}

function Burdens({ doc, holds, pledge }: { doc: DocumentView; holds: HoldView[]; pledge: PledgeView | null }) {
  const { encumbrance: enc, reservation } = doc;
  const standing = holds.filter((hold) => hold.state === "EFFECTIVE" || hold.state === "QUEUED");
  if (!enc && !reservation && standing.length === 0) return <p class={doc.status === "FREE" ? "note good" : "muted pad"}>{t("free_of")}</p>;
  return (
    <>
      {enc && (
        <>
          <p class="note bad"><b>{t("encumbered_by")}</b> {t("encumbered_text", { h: number(enc.since_height), i: enc.index, m: memberName(enc.member) })}</p>
          {pledge?.record ? <Facts rows={[
            [t("state"), <Badge name={pledge.state} />],
            [t("pledgee"), <Account id={pledge.record.pledgee} />],
            [t("pledgor"), <Account id={pledge.record.pledgor} />],
            [t("priority"), `${number(pledge.record.priority.height)} / ${pledge.record.priority.index}`],
            [t("reg_until"), time(pledge.record.reg_until)],
          ]} /> : <Facts rows={[[t("pledgee"), <span class="muted">{t("not_shown")}</span>], [t("member_to_contact"), memberName(enc.member)]]} />}
        </>
      )}
      {reservation && <p class="note warn">{t("reserved_text", { t: time(reservation.until), m: memberName(reservation.member) })}</p>}
      <h3>{t("holds")}</h3>
      {standing.length === 0 ? <p class="muted">{t("no_holds")}</p> : (
        <ul class="plain-list">{standing.map((hold) => <li key={hold.id}><Badge name={hold.state} /> {t("hold_text", { k: word("hold", hold.kind), t: time(hold.until) })} {hold.member !== null && t("contact", { m: memberName(hold.member) })}</li>)}</ul>
      )}
    </>
  );
}

function Proofs({ proofs }: { proofs: Loaded["proofs"] }) {
  if (proofs === "unsupported" || proofs === "forbidden") return <p class="muted">{t(proofs === "unsupported" ? "unsupported" : "not_shown")}</p>;
  if (proofs.length === 0) return <p class="muted">{t("no_proof")}</p>;
  return (
    <>
      {proofs.map(({ public: open, record }) => (
        <div class="proof" key={open.id}>
          <div class="level" aria-hidden="true">{[1, 2, 3, 4].map((n) => <i class={n <= open.level ? "on" : ""} key={n} />)}</div>
          <b>{t("proof_level", { n: open.level })}</b> <Badge name={open.state} />
          <span class="muted"> {word("template", network.genesis?.templates.find((x) => x.id === open.template)?.code ?? open.template)} · {t("valid_until")} {time(open.valid_until).slice(0, 10)}</span>
          {record && record.attestations.length > 0 && (
            <ul class="plain-list">
              {record.attestations.map((a, at) => <li key={at}><Account id={a.attester} /> {word("state", a.result)} <span class="muted mono">{time(a.at).slice(0, 16)}</span></li>)}
            </ul>
          )}
        </div>
      ))}
    </>
  );
}
