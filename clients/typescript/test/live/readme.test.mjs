import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Testnet } from "./testnet.mjs";

let net;
before(() => (net = new Testnet()));
after(() => net.stop());

test("the example in the README runs as it stands", () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  const [, example] = /```js\n([^]*?)```/.exec(readFileSync(`${root}clients/typescript/README.md`, "utf8"));
  // A project beside the sources, with the package installed and the demo's network in its usual place.
  const project = net.file("project");
  mkdirSync(`${project}/node_modules`, { recursive: true });
  symlinkSync(`${root}clients/typescript`, `${project}/node_modules/landsea`);
  symlinkSync(net.dir, `${project}/landsea-testnet`);
  symlinkSync(`${root}testnet`, `${project}/testnet`);
  writeFileSync(`${project}/example.mjs`, example);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["example.mjs"], { cwd: project, encoding: "utf8", env: { ...process.env, LANDSEA_NODE: net.nodes[0].rpc } });
  assert.equal(status, 13, stderr);
  assert.match(stdout, /^INTEGRITY {2}VALID \(3 of 4 members.*\nSTATUS {5}DELIVERED\nISSUER {5}[0-9a-f]{64} registered by cq.*\nPAPER {6}NOT SHOWN/);
});
