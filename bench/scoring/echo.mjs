// The bound: node:http that reads the body and answers, without parsing or a model. `json` parses and counts rows.
import { createServer } from "node:http";

const parse = process.argv[2] === "json";
createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = parse
      ? String(JSON.parse(String(Buffer.concat(chunks))).data?.length)
      : "[6783.2890625,4073.05029296875]";
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
