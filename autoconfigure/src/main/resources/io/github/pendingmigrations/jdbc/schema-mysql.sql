-- step 1
create table if not exists {ledger} (
	version varchar(50) not null primary key,
	description varchar(255) not null,
	script varchar(1000) not null,
	type varchar(20) not null,
	checksum integer not null,
	first_seen_at datetime(6) not null,
	first_seen_application_version varchar(255),
	rolled_out_at datetime(6),
	applied_at datetime(6),
	applied_by varchar(255),
	applied_origin varchar(20),
	applied_run_id varchar(36),
	applied_execution_ms bigint,
	applied_statements integer,
	applied_reason text,
	applied_application_version varchar(255),
	checkpoint_statements integer,
	checkpoint_in_doubt boolean,
	checkpoint_hash varchar(255),
	checkpoint_batches integer,
	checkpoint_rows bigint,
	last_run_id varchar(36)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;

create table if not exists {run} (
	id varchar(36) not null primary key,
	parent_run_id varchar(36),
	status varchar(20) not null,
	phase varchar(20),
	active_key varchar(10) unique,
	requested_by varchar(255) not null,
	requested_via varchar(255) not null,
	requested_at datetime(6) not null,
	requested_reason text not null,
	requested_force varchar(20) not null,
	planned longtext not null,
	current_version varchar(50),
	statement_number integer not null,
	statement_count integer not null,
	attempt integer not null,
	resumptions integer not null,
	next_attempt_at datetime(6),
	deadline_at datetime(6),
	work_done bigint not null,
	work_total bigint not null,
	work_batches integer not null,
	lease_owner varchar(255),
	lease_until datetime(6),
	heartbeat_at datetime(6),
	database_session varchar(100),
	waited_ms bigint not null,
	executed_ms bigint not null,
	max_blocked_sessions integer not null,
	longest_blocked_ms bigint not null,
	blockers mediumtext,
	failure_kind varchar(255),
	failure_class varchar(255),
	failure_sql_state varchar(20),
	failure_vendor_code integer,
	failure_message text,
	failure_version varchar(50),
	failure_statement integer,
	failure_line integer,
	failure_advice text,
	application_version varchar(255),
	started_at datetime(6),
	hold_reason text,
	hold_until datetime(6),
	cancel_forced boolean,
	finished_at datetime(6),
	key requested_at (requested_at)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;

create table if not exists {event} (
	id bigint not null auto_increment primary key,
	run_id varchar(36) not null,
	occurred_at datetime(6) not null,
	type varchar(20) not null,
	detail text not null,
	key run_id (run_id)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;

create table if not exists {instance} (
	id varchar(255) not null primary key,
	application_version varchar(255),
	newest_versioned varchar(50),
	newest_pending varchar(50),
	known_pending longtext not null,
	started_at datetime(6) not null,
	last_seen_at datetime(6) not null,
	alive_until datetime(6) not null
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;

create table if not exists {meta} (
	id integer not null primary key,
	schema_version integer not null,
	history_table varchar(255) not null,
	initializing_since datetime(6),
	in_use_since datetime(6),
	data_source_mark varchar(36),
	runs_removed_at datetime(6)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;
