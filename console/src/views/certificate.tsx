// The status certificate to print and file. The node's answer is verified here first: what does not verify is not printed as valid.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { encode } from "uqr";
import { network } from "../network.ts";
import { call } from "../rpc.ts";
import { session } from "../session.ts";
import { current, t, word } from "../strings.ts";
import { Badge, memberName, number, saveFile, Shown, time, useLoad } from "../ui.tsx";
import { checkAnswer, nodeGenesis, type Certificate as Proof, type Checked } from "../verifier.ts";
import { detail } from "./verify.tsx";

interface Made {
  /** As the node gave it, whatever it is. */
  proof: Partial<Proof> | null;
  text: string;
  checked: Checked;
}

async function make(fp1: string, height?: number): Promise<Made> {
  const asked = { question: { question: "not_pledged", fp1 }, ...(height ? { height } : {}) };
  const [proof, genesis] = await Promise.all([call<Made["proof"]>("certificate", asked), nodeGenesis()]);
  const text = `${JSON.stringify(proof, null, 2)}\n`;
  return { proof, text, checked: checkAnswer(text, genesis, asked) };
}

/** The certificate of a fingerprint, of the newest height when none is named; `block` is what a printed one says it was proven against. */
export function Certificate({ fp1, height, block }: { fp1: string; height?: number; block?: string }) {
  const made = useLoad(() => make(fp1, height), [fp1, height]);
  return <Shown of={made}>{(certificate) => <Sheet {...certificate} fp1={fp1} block={block} />}</Shown>;
}

function Sheet({ proof, text, checked: { integrity, status, issuer, doc }, fp1, block }: Made & { fp1: string; block?: string }) {
  const valid = integrity.integrity === "VALID";
  const height = integrity.height ?? 0;
  const link = valid ? `${location.origin}/#/certificate/${fp1}/${height}/${integrity.block}` : `${location.origin}/#/certificate/${fp1}`;
  const file = `landsea-${fp1.slice(0, 12)}-${height}.json`;
  const who = session();
  const rows: [string, preact.ComponentChildren][] = [
    [t("cert_question"), t("q_not_pledged")],
    [t("fingerprint"), <code>{fp1}</code>],
    [t("doc_id"), doc ? <code>{doc}</code> : "—"],
    [t("issuer_line"), issuer ? <><code>{issuer.issuer}</code> {t("issuer_text", { m: memberName(issuer.home) })}</> : t("issuer_none")],
    [t("integrity"), valid ? `${t("valid")}：${t("integrity_text", { s: integrity.signers!, n: integrity.validators!, h: number(integrity.height!), t: time(integrity.time) })}` : `${t("invalid")}：${integrity.reason}`],
    [t("chain"), <code>{valid ? proof?.chain_id : "—"}</code>],
    [t("block_id"), <code>{integrity.block ?? "—"}</code>],
    [t("state_root"), <code>{valid ? proof?.header?.state_root : "—"}</code>],
    [t("paper_line"), t("paper_none")],
    [t("cert_node"), memberName(network.member)],
    [t("cert_queried_by"), who ? <><code>{who.account}</code> {who.roles.map((role) => word("role", role)).join("、")}</> : t("anonymous")],
    [t("cert_file"), <code>{bytesToHex(sha256(utf8ToBytes(text)))}</code>],
  ];
  return (
    <>
      <div class="page-head no-print">
        <h1>{t("cert_title")}</h1>
        <div class="actions">
          {doc && <a class="button" href={`#/doc/${doc}`}>{t("open_document")}</a>}
          <button type="button" class="button" onClick={() => saveFile(file, text)}>{t("save")}</button>
          <button type="button" class="button primary" onClick={() => print()}>{t("print")}</button>
        </div>
      </div>
      {block && <p class={`no-print note ${block === integrity.block ? "good" : "bad"}`} role="status">{t(block === integrity.block ? "cert_same" : "cert_other")}</p>}
      <article class="sheet" data-verdict={status.verdict}>
        <header>
          <div>
            <h2>{t("cert_title")}</h2>
            <p>{t("cert_sub")}</p>
            <p class="second" lang={current() === "zh" ? "en" : "zh-CN"}>{current() === "zh" ? "Document Status Certificate · Land-Sea Corridor Ledger" : "单证状态证书 · 陆海新通道单证账本"}</p>
          </div>
          <Qr text={link} />
        </header>
        <div class="verdict">
          <div><span class="term">{t("status")}</span><Badge name={status.state ?? status.verdict} large group="verdict" /></div>
          <div><span class="term">{t("as_of")}</span><b>{valid ? time(integrity.time) : "—"}</b> {valid && <span>{t("height")} {number(height)}</span>}</div>
          {detail(status) && <p>{detail(status)}</p>}
        </div>
        <dl class="sheet-facts">{rows.map(([term, is]) => <div key={term}><dt>{term}</dt><dd>{is}</dd></div>)}</dl>
        <footer>
          <p>{t("cert_qr")}</p>
          <p>{t("cert_note")} <code>landsea certificate verify {file} --genesis genesis.json</code></p>
          <p class="printed">{t("cert_printed")} {time(Date.now())}</p>
        </footer>
      </article>
    </>
  );
}

/** A QR code as one path, sharp at any size. */
function Qr({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  let path = "";
  data.forEach((row, y) => row.forEach((dark, x) => dark && (path += `M${x} ${y}h1v1h-1z`)));
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`QR: ${text}`} data-text={text} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
