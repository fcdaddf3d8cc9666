// Serves the page during development and passes /rpc on to a node: `node dev.mjs http://127.0.0.1:PORT GENESIS.json [LISTEN]`.
// A node serves the page itself; nothing here runs in production.

import { bundle } from "./build.mjs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { readFileSync } from "node:fs";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Starts the server; `files` are built on every load of the page unless given. */
export async function serve({ node, genesis, port = 0, files }) {
  let built = files;
  const target = new URL(node);
  const server = createServer(async (req, res) => {
    const { pathname: path, searchParams } = new URL(req.url, "http://x");
    if (req.method === "POST") {
      const up = request({ host: target.hostname, port: target.port, path: "/", method: "POST", headers: req.headers }, (answer) => {
        res.writeHead(answer.statusCode, answer.headers);
        answer.pipe(res);
      });
      up.on("error", () => res.writeHead(502).end());
      req.pipe(up);
      return;
    }
    if (path === "/console/genesis.json") return res.writeHead(200, { "content-type": "application/json" }).end(readFileSync(genesis));
    if (path === "/" && !files) built = await bundle({ minify: false });
    const content = built.get(path === "/" ? "index.html" : path.replace("/console/", ""));
    if (!content) return res.writeHead(404).end();
    const name = path === "/" ? "index.html" : path;
    res.writeHead(200, { "content-type": TYPES[name.split(".").at(-1)], "content-security-policy": POLICY, "cache-control": searchParams.has("v") ? "public, max-age=31536000, immutable" : "no-cache" }).end(content);
  });
  server.on("upgrade", (req, socket) => {
    const up = connect(Number(target.port), target.hostname, () => {
      const head = Object.entries(req.headers).map(([k, v]) => `${k}: ${v}\r\n`).join("");
      up.write(`GET / HTTP/1.1\r\n${head}\r\n`);
      up.pipe(socket).pipe(up);
    });
    const end = () => (up.destroy(), socket.destroy());
    up.on("error", end);
    socket.on("error", end);
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => (server.closeAllConnections(), server.close()) };
}

if (process.argv[1]?.endsWith("dev.mjs")) {
  const [node, genesis, port] = process.argv.slice(2);
  const { url } = await serve({ node, genesis, port: Number(port ?? 0) });
  console.log(url);
}
