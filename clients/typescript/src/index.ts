/**
 * The HTTP API of Dealwright, typed. Paths, bodies and answers come from the API's own description (`schema.ts`, made
 * by `openapi-typescript`); calls are those of `openapi-fetch`: `client.GET`, `client.POST`, …
 */
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

export type Dealwright = Client<paths>;
export type CloudEvent = components["schemas"]["CloudEvent"];
export type EventPage = components["schemas"]["EventPage"];
export type Problem = components["schemas"]["Problem"];

export interface Options {
  /** Where the gateway is: `https://deals.example.com`. */
  baseUrl: string;
  /** An API key, with the scopes that the calls need. */
  key: string;
}

/** A client of one gateway. Every answer has either `data` or, as a problem (RFC 9457), `error`. */
export function dealwright({ baseUrl, key }: Options): Dealwright {
  return createClient<paths>({ baseUrl, headers: { "X-API-Key": key } });
}

/** The gateway refused, and said why and what to do. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "Refused";
    this.problem = problem;
  }
}

export interface Which {
  /** `next` of the page that was done last; 0 for the oldest event that is kept. */
  after?: number;
  /** Only these types: `dealwright.deal.deal_closed`. */
  types?: string[];
  /** Only these deals. */
  deals?: string[];
  /** Seconds to wait for the next event, at most 15. */
  wait?: number;
}

/**
 * Pages of events, one after another, without end. Keep `next` of a page once you have done what its events ask for:
 * whoever begins again with it misses nothing.
 */
export async function* follow(client: Dealwright, which: Which = {}): AsyncGenerator<EventPage, never> {
  const { types = [], deals = [], wait = 15 } = which;
  let after = which.after ?? 0;
  for (;;) {
    const { data, error } = await client.GET("/v1/events", {
      params: { query: { after, type: types, deal: deals, wait } },
    });
    if (data === undefined) {
      throw new Refused(error);
    }
    if (data.events.length > 0) {
      yield data;
    }
    after = data.next;
  }
}
