// What the ledger says of accounts to everybody: role and home. Asked for together, remembered while the page is open.

import { useEffect, useState } from "preact/hooks";
import { callEach } from "./rpc.ts";
import { rolesOf } from "./session.ts";
import { word } from "./strings.ts";

interface Party {
  roles: string[];
  home: number;
}

const known = new Map<string, Promise<Party | null>>();
const told = new Map<string, Party>();
let asked: { id: string; answer(party: Party | null): void }[] = [];

/** Whether an id stands for "nobody" or "not shown". */
const isBlank = (id: string | null | undefined) => !id || /^0+$/.test(id);

function ask(id: string): Promise<Party | null> {
  return new Promise((answer) => {
    if (asked.push({ id, answer }) === 1) setTimeout(askTogether, 0);
  });
}

async function askTogether() {
  const now = asked.splice(0);
  const views = await callEach<{ public: { roles: number; home: number } }>("party", now.map(({ id }) => ({ party: id }))).catch(() => now.map(() => null));
  now.forEach(({ id, answer }, at) => {
    const open = views[at]?.public;
    const party = open ? { roles: rolesOf(open.roles), home: open.home } : null;
    if (party) told.set(id, party);
    else known.delete(id);
    answer(party);
  });
}

/** Looks accounts up, so that [`role`] knows them. */
export async function learn(ids: (string | null | undefined)[]): Promise<void> {
  const wanted = [...new Set(ids.filter((id): id is string => !isBlank(id)))];
  await Promise.all(wanted.map((id) => {
    if (!known.has(id)) known.set(id, ask(id));
    return known.get(id);
  }));
}

/** The role of an account in a word, once it has been looked up. */
export const role = (id: string | null | undefined): string => word("short", id ? told.get(id)?.roles[0] : "");

/** An account's role and home, looked up when it is shown. */
export function useParty(id: string | null | undefined): Party | undefined {
  const [, redraw] = useState(0);
  useEffect(() => {
    let shown = true;
    if (!isBlank(id) && !told.has(id!)) void learn([id]).then(() => shown && redraw((n) => n + 1));
    return () => void (shown = false);
  }, [id]);
  return id ? told.get(id) : undefined;
}
