// A receiver of webhooks with Node 18 or newer and no packages:
//
//     WIREWATCH_WEBHOOK_SECRET=whsec_... PORT=8099 node examples/receiver.mjs

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const MOST_BYTES = 8 * 1024 * 1024;
const key = Buffer.from(process.env.WIREWATCH_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
// In a database in real life: a delivery can arrive twice, and is one.
const seen = new Set();

// Whether one of the signatures in the header is ours for these bytes, and recent.
export function isGenuine(headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || !timestamp || !(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((part) => {
    const [version, signature] = part.split(",");
    const given = Buffer.from(signature ?? "", "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on("data", (chunk) => {
    size += chunk.length;
    if (size > MOST_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => {
    const body = Buffer.concat(chunks); // as received: what was parsed and written again does not verify
    if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
    if (!seen.has(request.headers["webhook-id"])) {
      seen.add(request.headers["webhook-id"]);
      console.log(JSON.parse(body).type); // quickly: slow work belongs after the answer
    }
    response.writeHead(204).end();
  });
});

server.listen(Number(process.env.PORT ?? 8099), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
