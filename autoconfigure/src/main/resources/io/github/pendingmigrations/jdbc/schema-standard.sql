-- step 1
create table {ledger} (
	version {chars 50} not null primary key,
	description {chars 255},
	script {chars 1000} not null,
	type {chars 20} not null,
	checksum integer not null,
	first_seen_at {timestamp} not null,
	first_seen_application_version {chars 255},
	rolled_out_at {timestamp},
	applied_at {timestamp},
	applied_by {chars 255},
	applied_origin {chars 20},
	applied_run_id {chars 36},
	applied_execution_ms {long},
	applied_statements integer,
	applied_reason {text},
	applied_application_version {chars 255},
	checkpoint_statements integer,
	checkpoint_in_doubt {flag},
	checkpoint_hash {chars 255},
	checkpoint_batches integer,
	checkpoint_rows {long},
	last_run_id {chars 36}
);

create table {run} (
	id {chars 36} not null primary key,
	parent_run_id {chars 36},
	status {chars 20} not null,
	phase {chars 20},
	active_key {chars 36} not null unique,
	requested_by {chars 255} not null,
	requested_via {chars 255} not null,
	requested_at {timestamp} not null,
	requested_reason {text} not null,
	requested_force {chars 20} not null,
	planned {text} not null,
	current_version {chars 50},
	statement_number integer not null,
	statement_count integer not null,
	attempt integer not null,
	resumptions integer not null,
	next_attempt_at {timestamp},
	deadline_at {timestamp},
	work_done {long} not null,
	work_total {long} not null,
	work_batches integer not null,
	lease_owner {chars 255},
	lease_until {timestamp},
	heartbeat_at {timestamp},
	database_session {chars 100},
	waited_ms {long} not null,
	executed_ms {long} not null,
	max_blocked_sessions integer not null,
	longest_blocked_ms {long} not null,
	blockers {text},
	failure_kind {chars 255},
	failure_class {chars 255},
	failure_sql_state {chars 20},
	failure_vendor_code integer,
	failure_message {text},
	failure_version {chars 50},
	failure_statement integer,
	failure_line integer,
	failure_advice {text},
	application_version {chars 255},
	application_commit {chars 255},
	started_at {timestamp},
	hold_reason {text},
	hold_until {timestamp},
	cancel_forced {flag},
	finished_at {timestamp}
);

create table {event} (
	id {key},
	run_id {chars 36} not null,
	occurred_at {timestamp} not null,
	type {chars 20} not null,
	detail {text} not null
);

create table {instance} (
	id {chars 255} not null primary key,
	application_version {chars 255},
	newest_versioned {chars 50},
	newest_pending {chars 50},
	known_pending {text},
	started_at {timestamp} not null,
	last_seen_at {timestamp} not null,
	alive_since {timestamp},
	alive_until {timestamp} not null
);

create table {meta} (
	id integer not null primary key,
	schema_version integer not null,
	history_table {chars 255} not null,
	initializing_since {timestamp},
	in_use_since {timestamp},
	data_source_mark {chars 36},
	runs_removed_at {timestamp}
);
