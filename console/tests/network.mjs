// A test network of four, with the scenario played, and the page: served by the first node, or by the development server for a binary
// without it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/landsea/target");

/** The `landsea` command. */
export const landsea = process.env.LANDSEA_BIN ?? join(target, "debug/landsea");

export function start() {
  const dir = mkdtempSync(join(tmpdir(), "landsea-console-"));
  const run = (...args) => execFileSync(landsea, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => {
    try {
      run("testnet", "down", "--dir", dir);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  try {
    run("testnet", "up", "--dir", dir, "--validators", "4", "--seed", "console", "--detach");
    run("scenario", "run", join(here, "console.toml"), "--dir", dir);
  } catch (error) {
    stop();
    throw new Error(`the test network: ${error.stdout ?? ""}${error.stderr ?? error}`);
  }
  const network = JSON.parse(readFileSync(join(dir, "network.json"), "utf8"));
  const certificate = (name) => join(dir, "certificates", `${name}.json`);
  const read = (name) => JSON.parse(readFileSync(certificate(name), "utf8"));
  const key = (tag) => {
    const file = join(dir, "keys", `${tag}.key`);
    if (!existsSync(file)) throw new Error(`no key ${file}`);
    return file;
  };
  return { dir, node: network.nodes[0].rpc, genesis: join(dir, "genesis.json"), certificate, read, key, run, stop };
}
