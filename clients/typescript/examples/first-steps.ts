/** Follows one deal's events and says what happened. Arguments: the gateway's address, a key, the deal, how many. */
import { dealwright, follow } from "../src/index.js";

const [baseUrl = "http://127.0.0.1:8080", key = "local-development-key", deal = "acme-2026", many = "1"] =
  process.argv.slice(2);
const client = dealwright({ baseUrl, key });

let left = Number(many);
for await (const page of follow(client, { deals: [deal] })) {
  for (const event of page.events) {
    console.log(`${event.subject} ${event.data.number}: ${event.data.sentence}`);
  }
  left -= page.events.length;
  if (left <= 0) break;
}

const { error } = await client.POST("/v1/subscriptions", { body: { url: "https://127.0.0.1/hooks", types: [], deals: [] } });
if (error) console.log(`refused: ${error.title}`);
