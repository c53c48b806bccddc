// `npm start`: builds the page, serves the build and prints its address. `-- --port N` chooses another port.
import { parseArgs } from "node:util";
import { build, preview } from "vite";

const { values } = parseArgs({ options: { port: { type: "string", default: "4173" } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error(`--port ${values.port}: a port is a number from 1 to 65535`);
  process.exit(2);
}

await build({ logLevel: "warn" });
try {
  const server = await preview({ preview: { host: "127.0.0.1", port, strictPort: true } });
  console.log("IOMMU Playground is ready. Stop it with Ctrl+C.");
  server.printUrls();
} catch (error) {
  const busy = /already in use/.test(error.message);
  console.error(
    busy
      ? `Port ${port} is in use. Stop what uses it, or choose another: npm start -- --port ${port + 1}`
      : error.message,
  );
  process.exit(1);
}
