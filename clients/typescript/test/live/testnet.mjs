// A network of four validators in a temporary folder, with the parties of the demo.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../dist/index.js";
import { loadIdentity } from "../../dist/node.js";

const binary = process.env.LANDSEA_BIN;
if (!binary) throw new Error("LANDSEA_BIN names the `landsea` program that starts the test network");

/** Runs the command; an exit code is an answer, too. */
export function landsea(...args) {
  const { status, stdout, stderr, error } = spawnSync(binary, args, { encoding: "utf8" });
  if (error) throw error;
  return { code: status, out: stdout, err: stderr };
}

export class Testnet {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "landsea-ts-"));
    const up = landsea("testnet", "up", "--validators", "4", "--demo", "--detach", "--dir", this.dir);
    if (up.code !== 0) throw new Error(`the network does not start:\n${up.out}\n${up.err}`);
    this.nodes = JSON.parse(readFileSync(join(this.dir, "network.json"), "utf8")).nodes;
    this.genesis = readFileSync(join(this.dir, "genesis.json"), "utf8");
  }
  file(name) {
    return join(this.dir, name);
  }
  identity(name) {
    return loadIdentity(this.file(`keys/${name}.key`));
  }
  /** A client of the party's own branch's node. */
  async client(name, options = {}) {
    const identity = this.identity(name);
    const { public: party } = await new Client(this.nodes[0].rpc).call("party", { party: identity.account });
    const { rpc } = this.nodes.find((node) => node.member === party.home);
    return new Client(rpc, { identity, ...options });
  }
  stop() {
    landsea("testnet", "down", "--dir", this.dir);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
