// Sign-in with a ledger key: the file is read here, checked against the ledger and kept in memory.

import { useState } from "preact/hooks";
import { network } from "../network.ts";
import { call, RpcError, type Status } from "../rpc.ts";
import { begin, end, KeyProblem, readKeyFile, rolesOf, session, type KeyFile } from "../session.ts";
import { t, word } from "../strings.ts";
import { Account, Card, Drop, Facts, Id, memberName, problem } from "../ui.tsx";

interface PartyView {
  public: { roles: number; home: number };
}

export function SignIn() {
  const [file, setFile] = useState<KeyFile | null>(null);
  const [account, setAccount] = useState("");
  const [error, setError] = useState("");
  const who = session();

  const enter = async (key: KeyFile, named: string) => {
    try {
      const party = await call<PartyView | null>("party", { party: named });
      if (!party) return setError(t("not_found"));
      const who = { account: named, key: key.index, roles: rolesOf(party.public.roles), home: party.public.home };
      await begin(who, key.secret, network.chain, network.member, (token) => call<Status>("status", {}, token));
      location.hash = "#/find";
    } catch (reason) {
      setError(reason instanceof RpcError && reason.code === -32001 ? t("refused_token") : problem(reason));
    }
  };
  const take = (text: string) => {
    setError("");
    try {
      const key = readKeyFile(text);
      setFile(key);
      if (key.account) return void enter(key, key.account);
    } catch (reason) {
      setFile(null);
      setError(reason instanceof KeyProblem ? t(reason.key, reason.values) : problem(reason));
    }
  };

  if (who) {
    return (
      <Card title={t("signed_in_as")} class="narrow">
        <Facts rows={[
          [t("account"), <Account id={who.account} />],
          [t("roles"), who.roles.map((role) => word("role", role)).join("、")],
          [t("your_home"), memberName(who.home)],
        ]} />
        {who.home !== network.member && <p class="foot">{t("other_home")}</p>}
        <p><button type="button" class="button" onClick={end}>{t("sign_out")}</button></p>
      </Card>
    );
  }
  return (
    <section class="card narrow">
      <h1>{t("sign_in_title")}</h1>
      <p class="lead">{t("sign_in_intro")}</p>
      <Drop label={t("drop_key")} onText={take} />
      {file && !file.account && (
        <form class="form" onSubmit={(e) => (e.preventDefault(), void enter(file, account.trim()))}>
          <p class="note warn">{t("key_account")}</p>
          <label>{t("account")}<input value={account} onInput={(e) => setAccount(e.currentTarget.value)} pattern="[0-9a-fA-F]{64}" required spellcheck={false} /><small>{t("account_hint")}</small></label>
          <button class="button primary">{t("sign_in")}</button>
        </form>
      )}
      {error && <p class="note bad" role="alert">{error}</p>}
      <p class="foot">{t("chain")} <Id value={network.chain} /></p>
    </section>
  );
}
