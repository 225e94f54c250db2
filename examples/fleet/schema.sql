-- What an export knows of itself: the place in the list after the rows that are stored.
create table if not exists exports (
	id     bigint generated always as identity primary key,
	cursor text   not null default '',
	rows   bigint not null default 0
);

-- The exported rows; export is the one that stored the row last.
create table if not exists deals (
	id     bigint primary key,
	export bigint not null,
	row    jsonb  not null
);

-- run is the number of the worker that has the import now. What an earlier one still does, it may not begin.
create table if not exists imports (
	id  bigint generated always as identity primary key,
	run bigint not null default 0
);

-- The ledger. origin is the record's id in your own system, ORIGIN_ID at the portal: it is imported once.
create table if not exists lines (
	origin  text   primary key,
	import  bigint not null,
	line    bigint not null,
	fields  jsonb  not null,
	state   text   not null default 'todo' check (state in ('todo', 'sent', 'done', 'unknown', 'refused')),
	run     bigint not null default 0, -- which sent it
	sent_at timestamptz,
	record  text   not null default '', -- its id at the portal
	reason  text   not null default ''
);
create index if not exists lines_open on lines (import, state, line) where state in ('todo', 'sent', 'unknown');
