// One block, and one transaction.

import { network } from "../network.ts";
import { call, type Block, type Transaction } from "../rpc.ts";
import { t, word } from "../strings.ts";
import { Account, Card, Facts, Id, memberName, number, Shown, time, useLoad } from "../ui.tsx";
import { Code } from "./overview.tsx";

export function BlockPage({ height }: { height: number }) {
  const found = useLoad(() => call<Block | null>("block", { height }), [height]);
  return (
    <>
      <div class="page-head">
        <h1>{t("block")} {number(height)}</h1>
        <div class="actions">
          {height > 1 && <a class="button" href={`#/block/${height - 1}`}>← {t("previous")}</a>}
          <a class="button" href={`#/block/${height + 1}`}>{t("next")} →</a>
        </div>
      </div>
      <Shown of={found}>{(block) => (block ? <Body block={block} /> : <p class="note warn">{t("not_found")}</p>)}</Shown>
    </>
  );
}

function Body({ block: { id, block, certificate, transactions } }: { block: Block }) {
  const signers = new Set(certificate.signatures.map(([member]) => member));
  return (
    <div class="columns">
      <Card title={t("details")}>
        <Facts rows={[
          [t("time"), time(block.header.time)],
          [t("proposer"), memberName(block.header.proposer)],
          [t("round"), certificate.round],
          [t("block_id"), <Id value={id} />],
          [t("parent"), <Id value={block.header.parent} />],
          [t("state_root"), <Id value={block.header.state_root} />],
        ]} />
        <h3>{t("signatures")} {signers.size}/{network.members.length}</h3>
        <ul class="signers">
          {network.members.map((m) => <li class={signers.has(m.index) ? "yes" : ""} key={m.code} title={memberName(m.index)}>{m.code.toUpperCase()}<span class="sr">{signers.has(m.index) ? t("yes") : t("no")}</span></li>)}
        </ul>
      </Card>
      <Card title={t("transactions")} aside={transactions.length}>
        {transactions.length === 0 ? <p class="muted pad">{t("none")}</p> : (
          <table class="rows">
            <thead><tr><th class="num">#</th><th>{t("transaction")}</th><th>{t("result")}</th></tr></thead>
            <tbody>{transactions.map(([tx, code], at) => <tr key={tx}><td class="num">{at}</td><td><Id value={tx} href={`#/tx/${tx}`} /></td><td><Code code={code} /></td></tr>)}</tbody>
          </table>
        )}
      </Card>
    </div>
  );
}

export function TransactionPage({ id }: { id: string }) {
  const found = useLoad(() => call<Transaction | null>("transaction", { id }), [id]);
  return (
    <>
      <div class="page-head"><h1>{t("transaction")}</h1></div>
      <Shown of={found}>{(tx) => (tx ? <Card title={<Id value={tx.id} whole />}>
        <Facts rows={[
          [t("result"), <Code code={tx.code} />],
          [t("block"), <a href={`#/block/${tx.height}`}>{number(tx.height)}</a>],
          [t("position"), tx.index],
          [t("time"), time(tx.block_time)],
        ]} />
        {tx.body ? <>
          <Facts rows={[[t("attempt_by"), <Account id={tx.body.sender} />]]} />
          {tx.events.length > 0 && <><h3>{t("events")}</h3><ul class="plain-list">{tx.events.map((event, at) => <li key={at}>{word("event", event.name)} <Id value={event.subject} /> <span class="muted">{event.members.map(memberName).join("、")}</span></li>)}</ul></>}
          <details><summary>{t("body")}</summary><pre tabIndex={0}>{JSON.stringify(tx.body, null, 2)}</pre></details>
        </> : <p class="foot">{t("body_hidden")}</p>}
      </Card> : <p class="note warn">{t("not_found")}</p>)}</Shown>
    </>
  );
}
