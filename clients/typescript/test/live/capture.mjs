// Writes `clients/certificates`: a certificate of every kind from a fresh network, with what the `landsea` command says of each.
// Run: LANDSEA_BIN=.. npm run capture
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Draft, toJson } from "../../dist/index.js";
import { landsea, Testnet } from "./testnet.mjs";

const folder = fileURLToPath(new URL("../../../certificates/", import.meta.url));
mkdirSync(folder, { recursive: true });
const net = new Testnet();
const expected = {};

function save(name, certificate, ...more) {
  const file = `${folder}${name}.json`;
  writeFileSync(file, `${toJson(certificate)}\n`);
  const { code, out } = landsea("certificate", "verify", file, "--genesis", net.file("genesis.json"), ...more);
  expected[name] = { exit: code, lines: out.trimEnd().split("\n") };
}

try {
  const [bank, customs] = await Promise.all(["B1", "SW"].map((name) => net.client(name)));
  const find = async (name, from = 1) => {
    for await (const notice of bank.events({ names: [name], from_height: from })) return notice;
  };
  const issued = await find("DocIssued");
  const pledged = await find("PledgeActive");
  const released = await find("PledgeReleased");
  const reserved = await find("Reserved");
  const again = await find("DocIssued", issued.height + 1);
  const proof = (await find("ProofOpened")).event.subject;
  const { fp1 } = (await bank.document({ doc: issued.event.subject })).public;
  const fresh = (await bank.document({ doc: again.event.subject })).public;

  const end = (await bank.status()).height;
  const question = (name, more = { fp1 }) => ({ question: name, ...more });
  const at = (name, height, more) => bank.certificate(question(name, more), height);
  save("not_yet_registered", await at("not_pledged", issued.height - 1));
  save("free", await at("not_pledged", reserved.height - 1));
  save("reserved", await at("not_pledged", reserved.height));
  save("encumbered", await at("not_pledged", pledged.height));
  save("pledge", await at("pledge", pledged.height));
  save("not_encumbered", await at("pledge", released.height));
  save("state", await at("doc_status", pledged.height));
  save("custody", await at("custody", pledged.height));
  save("registered", await at("unknown", pledged.height));
  save("delivered", await at("not_pledged", end));
  save("level", await at("proof_level", pledged.height, { proof }));
  save("unknown_case", await at("proof_level", pledged.height, { proof: fp1 }));
  save("unoccupied", await at("goods_keys", end, { keys: [fp1] }));
  const [lot] = await (await net.client("MTO")).call("lots_by_doc", { doc: fresh.id });
  save("occupied", await at("goods_keys", end, { keys: [lot.record.keys[0].key] }));
  save("free_again", await at("not_pledged", end, { fp1: fresh.fp1 }));
  const hold = new Draft((await customs.status()).chain_id, customs.identity.account);
  await customs.send(hold.operation("hold.customs_hold", { target: { doc: fresh.id }, basis: "07".repeat(32) }));
  save("held", await bank.certificate(question("not_pledged", { fp1: fresh.fp1 })));
  const history = async (from, to) => ({ version: 1, earlier: await at("not_pledged", from), later: await at("not_pledged", to) });
  save("history_changed", await history(pledged.height, end));
  save("history_unchanged", await history(reserved.height, pledged.height - 1));
  save("history_registered", await history(issued.height - 1, reserved.height - 1));
  save("history_absent", await history(1, issued.height - 1));
  const [wrong, backward] = [await history(pledged.height, end), await history(pledged.height, end)];
  wrong.later = await at("doc_status", end);
  save("history_of_two_questions", wrong);
  save("history_backward", { ...backward, earlier: backward.later, later: backward.earlier });
  const forged = await at("not_pledged", pledged.height);
  forged.items = forged.items.map((item) => (item.family === "encumbrance" ? { ...item, opening: null } : item));
  save("forged_encumbrance_left_out", forged);
  const cut = await at("not_pledged", pledged.height);
  cut.commit = cut.commit.slice(0, 2);
  save("forged_too_few_signatures", cut);
  writeFileSync(`${folder}genesis.json`, net.genesis);
  writeFileSync(`${folder}expected.json`, `${JSON.stringify(expected, null, 1)}\n`);
  for (const [name, { exit, lines }] of Object.entries(expected)) console.log(String(exit).padStart(3), name.padEnd(30), lines.find((l) => l.startsWith("STATUS")));
} finally {
  net.stop();
}
