// What the TypeScript client does with a real server; it ends with an error where that is not as expected.
import assert from "node:assert/strict";

import { Client, Refused, Unreachable } from "matchline-client";

const CALLER = "+14155550123";

const client = new Client(process.argv[2]!);

// A session from its number to its end, followed by its app
const session = await client.reserve({ customer: "Ådå ☎", photo: new Blob(["PNG"], { type: "image/png" }) });
assert.equal(session._access_number, "+1 800 555 0100");
const events = client.follow(session._id!);
assert.equal((await events.next()).value?._tel_url, "tel:+18005550100");
assert.equal((await client.session(session._id!))._state, "waiting");
assert.equal((await client.renew(session._id!))._id, session._id);
await client.update(session._id!, { basket: "3 items" });
const photo = await client.ask("GET /genesys/1/service/{id}/storage/binary/{key}", {
  path: { id: session._id!, key: "photo" },
});
assert.equal(await photo.text(), "PNG");
assert.match(await client.ask("GET /genesys/1/service/{id}/qr.svg", { path: { id: session._id! } }), /^<svg/);

const call = { _access_number: session._access_number, _phone_number: CALLER, _call_id: "1" };
const match = await client.match({ ...call, _return_user_data: true });
assert.equal(match._id, session._id);
assert.equal(match.user_data?.["customer"], "Ådå ☎");
assert.equal(match.user_data?.["basket"], "3 items");
let told = await events.next();
while (told.value?.type === "renewed") told = await events.next();
assert.equal(told.value?.type, "matched");
assert.equal((await client.requestAccess(session._id!))._access_number, "+1 800 555 0101");
await client.end(session._id!);
const last = [];
for await (const event of events) last.push(event.type);
assert.equal(last.at(-1), "ended");

// A chart, and callbacks
const begun = await client.start("chart");
assert.equal(begun["greeting"], "hello");
assert.equal((await client.request(String(begun["_id"]), "status"))["status"], "waiting");
const [first, second] = Object.keys(await client.freeSlots("call-me-back", { "max-time-slots": "5" })).sort();
const booked = await client.book("call-me-back", CALLER, new Date(first!), { customer: "Ada" });
await client.reschedule("call-me-back", booked._id, new Date(second!));
const [found] = await client.callbacks({ _customer_number: CALLER, _callback_state: "SCHEDULED" });
assert.deepEqual([found?._id, found?._desired_time], [booked._id, second]);

// Stored data, under a key with a slash
const { id } = await client.ask("POST /genesys/1/storage/{id}", { path: { id: "60" }, body: { "a/b": "1" } });
assert.equal(await client.ask("GET /genesys/1/storage/{id}/{key}", { path: { id, key: "a/b" } }), "1");

// What is refused
const refused = async (asked: Promise<unknown>): Promise<Refused> => {
  const error: unknown = await asked.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof Refused, String(error));
  return error;
};
const full = await refused(client.book("call-me-back", CALLER, new Date(second!)));
assert.deepEqual([full.exception, full.availability?.[first!]], ["CallbackExceptionAvailability", "1"]);
await client.cancel("call-me-back", booked._id);
assert.equal((await refused(client.cancel("call-me-back", booked._id))).callbackState, "COMPLETED");
assert.equal((await refused(client.session("nobody"))).exception, "UnknownSession");
assert.equal((await refused(client.match({ _access_number: "+18005550100" }))).status, 404);
await client.reserve({ _resource_group: "SHARED", _provide_code: true, _access_code_length: 5 });
assert.equal((await refused(client.match({ _access_number: "+1 800 555 0190" }))).digits, 5);
await Promise.all([client.reserve(), client.reserve()]);
const exhausted = await refused(client.reserve());
assert.deepEqual([exhausted.exception, exhausted.retryAfter], ["NumbersExhausted", 30]);

// Administration
const { version } = await client.ask("GET /genesys/1/admin/options");
const stale = client.ask("PATCH /genesys/1/admin/options/{section}", {
  path: { section: "server" },
  header: { "If-Match": String(Number(version) + 1) },
  body: { realm: "x" },
});
assert.equal((await refused(stale)).exception, "ConfigurationChanged");
const calls = await client.ask("GET /genesys/1/admin/calls", { query: { verdict: "matched", limit: 1 } });
assert.equal(calls.calls.length, 1);
const { key } = await client.ask("POST /genesys/1/admin/keys", { body: { name: "x", scopes: ["admin"] } });
assert.equal((await refused(client.ask("GET /genesys/1/admin/keys"))).exception, "NotAuthenticated");
const holder = new Client(process.argv[2]!, { key: String(key) });
assert.equal((await holder.ask("GET /genesys/1/admin/keys")).keys.length, 1);

// A server that is not there
await assert.rejects(new Client("http://127.0.0.1:9", { attempts: 2 }).session("x"), Unreachable);

// What the types refuse
// @ts-expect-error: there is no such operation
await client.ask("GET /genesys/1/nonsense").catch(() => undefined);
// @ts-expect-error: a part of the address is missing
await client.ask("GET /genesys/1/storage/{id}").catch(() => undefined);
// @ts-expect-error: there is no such verdict
await holder.ask("GET /genesys/1/admin/calls", { query: { verdict: "perhaps" } }).catch(() => undefined);

console.log("all is well");
