-- The tables. Times are milliseconds since 1970; '' in code or phone means that there is none.

-- version: of the configuration; schema: of these tables.
create table meta (
  name  text primary key,
  value integer not null
) without rowid;

create table option (
  section text not null,
  name    text not null,
  value   text not null,
  primary key (section, name)
) without rowid;

-- Writes are what a step costs, so there are few indexes, and those by which the sweeper finds what is over hold
-- an instant of their own (sweep_at): what is prolonged keeps its place there until the sweeper comes by and
-- files it anew.

-- An access number. A number of an exclusive group is free when busy_until has come, the one that is free for
-- longest goes first; shared_until guards a number that was shared before its group became exclusive.
create table number (
  id             integer primary key autoincrement,
  grp            text not null,
  text           text not null,
  draining       integer not null default 0,
  reservation_id integer,                      -- the exclusive reservation that set the next two
  held_until     integer not null default 0,
  busy_until     integer not null default 0,
  shared_until   integer not null default 0,
  turn           integer not null default 0    -- of ROUND_ROBIN: lowest goes next
);
create index number_by_rest  on number (grp, busy_until, id) where draining = 0;
create index number_draining on number (id)                  where draining = 1;
create index number_by_turn  on number (grp, turn, id);
create index number_by_text  on number (grp, text);

create table session (
  id             text primary key,
  service        text not null,
  data_id        text not null,
  phone_text     text,
  ttl            integer not null,
  ends_at        integer not null,
  sweep_at       integer not null,  -- never later than ends_at
  matched        integer not null default 0,
  reservation_id integer,           -- the last that it had; 0: that was given back by hand
  maker          text  -- the id of the principal that began it
) without rowid;
create index session_to_sweep on session (sweep_at);

-- outcome is null while the reservation may still be matched, as far as its times allow; after that the row stays
-- while its slot rests.
create table reservation (
  id                   integer primary key autoincrement,
  session_id           text not null,
  data_id              text not null,
  number_id            integer not null,
  shared               integer not null,
  code                 text not null,
  coded                integer not null,
  phone                text not null,
  timeout              integer not null,
  late_grace           integer not null,
  cooldown             integer not null,
  cooldown_after_match integer not null,
  started_at           integer not null,
  expires_at           integer not null,  -- held before this instant
  late_until           integer not null,  -- matches before this instant
  busy_until           integer not null,  -- its slot is nobody else's before this instant
  sweep_at             integer not null,  -- late_until while it is open, then busy_until
  client               text not null default '',  -- of whose quota it is; '': of nobody's
  outcome              text
);
create unique index pair           on reservation (number_id, code) where shared = 1 and coded = 1;
create        index open_exclusive on reservation (number_id) where outcome is null and shared = 0;
create        index open_by_phone  on reservation (number_id, phone, coded) where outcome is null and shared = 1;
create        index open_by_age    on reservation (number_id, coded) where outcome is null and shared = 1;
create        index open_by_client on reservation (client, expires_at, outcome) where outcome is null and client <> '';
create        index reservation_to_sweep on reservation (sweep_at);

-- How many shared codes of a number are in the table, by length and first digit: at least those in use.
create table codes_in_use (
  number_id integer not null,
  length    integer not null,
  lead      text not null,
  used      integer not null,
  primary key (number_id, length, lead)
) without rowid;

-- kind 'call': the key is the call's id. kind 'repeat': the key is code and caller as supplied.
-- place: in the answer that is remembered.
create table binding (
  number_id  integer not null,
  kind       text not null,
  key        text not null,
  session_id text not null,
  data_id    text not null,
  phone      text not null,
  code       text not null,
  late       integer not null,
  place      integer not null,
  until      integer not null,
  primary key (number_id, kind, key, session_id)
) without rowid;
create index binding_by_end on binding (until);
create index repeat_by_code on binding (number_id, code) where kind = 'repeat';

-- full_at: when the guesser, a caller, a called number or who logs in, may guess as often as ever. No row: it may now.
create table guess_budget (
  guesser text primary key,
  full_at integer not null
) without rowid;
create index guess_budget_by_end on guess_budget (full_at);

-- digest: of the secret. scopes, services, groups: JSON lists; null where any will do.
create table api_key (
  id         text primary key,
  name       text not null,
  digest     text not null,
  scopes     text not null,
  services   text not null,
  groups     text not null,
  created_at integer not null
) without rowid;

create table key_use (
  key_id  text primary key,
  used_at integer not null
) without rowid;

-- at: the instant of the call; caller as it may be kept, as a rule masked.
create table call_log (
  id         integer primary key autoincrement,
  at         integer not null,
  number     text not null,
  caller     text,
  reason     text not null,
  late       integer not null,
  repeated   integer not null,
  session_id text,
  service    text not null,
  call_id    text
);

create table idempotency (
  key        text primary key,
  digest     text not null,
  session_id text not null,
  answer     blob not null
) without rowid;
create index idempotency_by_session on idempotency (session_id);

-- hidden: deleted by a match, kept a little for the same call asked again. body: the values, as MessagePack.
create table record (
  id         text primary key,
  owner      text,
  expires_at integer not null,
  sweep_at   integer not null,  -- never later than expires_at
  hidden     integer not null default 0,
  body       blob not null,
  maker      text  -- the id of the principal that stored it
) without rowid;
create index record_to_sweep on record (sweep_at);

-- What happened, for other programs. place: of the order in which it is told; null until it has one. due_at: when
-- its delivery is tried next; null when there is nothing to deliver.
create table event (
  id         integer primary key autoincrement,
  place      integer,
  type       text not null,
  at         integer not null,
  session_id text not null,
  service    text not null,
  grp        text not null,
  number     text not null,
  seconds    integer,
  keep_until integer not null,
  due_at     integer,
  attempts   integer not null default 0
);
create index event_by_place   on event (place, id);
create index event_by_end     on event (keep_until);
create index event_due        on event (due_at) where due_at is not null;
create index event_of_session on event (session_id, place) where due_at is not null;

-- What one node does at a time, and until when it is this one's.
create table lease (
  name  text primary key,
  owner text not null,
  until integer not null
) without rowid;

-- How resource groups fared, a row for each group and minute (at: when it began). Null: nobody looked.
create table pool_sample (
  grp       text not null,
  at        integer not null,
  free      integer,
  held      integer,
  cooling   integer,
  reserved  integer not null,
  exhausted integer not null,
  primary key (grp, at)
) without rowid;

-- What drives the sessions of SCXML services (docs/decisions/charts.md). settings, snapshot, body of an event or an
-- effect: JSON. wake_at: when there is something to do; null while it waits for an event. It is its owner's before
-- lease_until; only who has it stores a step.
create table chart (
  session_id  text primary key,
  token       text not null,
  digest      text not null,  -- of its document
  settings    blob not null,
  version     integer not null default 0,
  snapshot    blob,           -- null: it has not begun
  active      text not null default '',
  wake_at     integer,
  owner       text not null default '',
  lease_until integer not null default 0,
  ended_at    integer,
  stopped     text            -- the limit that ended it
) without rowid;
create unique index chart_by_token on chart (token);
create        index chart_to_wake  on chart (wake_at) where wake_at is not null;
create        index chart_leased   on chart (lease_until) where lease_until > 0;
create        index chart_document_of on chart (digest);

-- used_at: when a chart last began with it.
create table chart_document (
  digest  text primary key,
  body    blob not null,
  used_at integer not null
) without rowid;

-- Events that wait for charts, in the order of their ids. event_id: of the request; '' for what a step tells.
create table chart_event (
  id         integer primary key autoincrement,
  session_id text not null,
  event_id   text not null,
  body       blob not null
);
create index chart_event_of_chart on chart_event (session_id, id);

-- What is to be done for charts. due_at: when it is tried, or tried again.
create table chart_effect (
  id         integer primary key autoincrement,
  session_id text not null,
  key        text not null,
  body       blob not null,
  due_at     integer not null,
  attempts   integer not null default 0
);
create index chart_effect_due      on chart_effect (due_at);
create index chart_effect_of_chart on chart_effect (session_id);

-- What charts answered to requests.
create table chart_response (
  session_id text not null,
  request_id text not null,
  body       blob not null,
  at         integer not null,
  primary key (session_id, request_id)
) without rowid;
create index chart_response_by_age on chart_response (at);

-- Callbacks, each with its session and its chart (docs/callbacks.md). phone: the customer's number as it is compared.
-- calendar: where it takes up a place at the desired time; null: nowhere.
create table callback (
  session_id text primary key,
  service    text not null,
  phone      text not null,
  phone_text text not null,
  state      text not null,
  reason     text not null default '',
  desired_at integer not null,
  calendar   text
) without rowid;
create index callback_by_phone on callback (phone);
create index callback_by_state on callback (state);
create index callback_in_calendar on callback (calendar, desired_at) where calendar is not null;

-- Who is logged in to the UI. digest: of what the browser holds; proof: of the credentials.
create table visit (
  digest  text primary key,
  name    text not null,
  role    text not null,
  proof   text not null,
  ends_at integer not null,
  idle_at integer not null
) without rowid;

-- The processes that serve. report: what each tells of itself, as JSON.
create table node (
  id           text primary key,
  seen_at      integer not null,
  switched_off integer not null default 0,
  report       text not null
) without rowid;

-- Who changed what. was, became: JSON objects of texts.
create table audit (
  id     integer primary key autoincrement,
  at     integer not null,
  who    text not null,
  what   text not null,
  was    text not null,
  became text not null
);
