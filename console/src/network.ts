// What the page knows of the network: the genesis, and the node's status as it was last told.

import { call, type Status } from "./rpc.ts";

export interface GenesisMember {
  index: number;
  code: string;
  name_en: string;
  name_zh: string;
  operator: string;
}
export interface Genesis {
  name: string;
  members: GenesisMember[];
  templates: { id: number; code: string }[];
}

/** Filled once, before anything is shown that names a member. */
export const network: { genesis: Genesis | null; members: GenesisMember[]; chain: string; member: number } = {
  genesis: null,
  members: [],
  chain: "",
  member: 0,
};

/** The quorum of so many members. */
export const quorum = (n: number) => Math.floor((2 * n) / 3) + 1;

/** Reads the genesis that the node serves, and its first status. */
export async function load(): Promise<Status> {
  const [genesis, status] = await Promise.all([
    fetch("/console/genesis.json").then((answer) => (answer.ok ? (answer.json() as Promise<Genesis>) : null)).catch(() => null),
    call<Status>("status"),
  ]);
  network.genesis = genesis;
  network.members = genesis?.members ?? [];
  network.chain = status.chain_id;
  network.member = status.member;
  return status;
}
