#!/usr/bin/env node
// Takes the configuration that the registry's process gets and answers every request with what it was.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { http } = JSON.parse(readFileSync(process.argv[3], "utf8"));
createServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    const { method, url, headers } = request;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(method === "HEAD" ? undefined : JSON.stringify({ method, url, headers, bytes }));
  });
}).listen(http.addr);
