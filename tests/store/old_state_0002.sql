BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE dashboards (
	id VARCHAR(64) NOT NULL, 
	workspace VARCHAR(63) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	title TEXT NOT NULL, 
	cards JSON NOT NULL, 
	version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "dashboards" VALUES('db-1','shop','local','Weekly','[{"id":"c-1","title":"Revenue"}]',3,'2026-01-02 03:04:05.000000','2026-01-02 03:04:06.000000');
CREATE TABLE jobs (
	id VARCHAR(64) NOT NULL, 
	workspace VARCHAR(63) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	files JSON NOT NULL, 
	result JSON, 
	error JSON, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('j1','shop','local','done','["a.csv"]','{}',NULL,'2026-01-02 03:04:05.000000','2026-01-02 03:04:06.000000');
CREATE TABLE run_events (
	run_id VARCHAR(128) NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	body TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (run_id, seq), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "run_events" VALUES('r1',1,'RUN_STARTED','{"type":"RUN_STARTED"}','2026-01-02 03:04:05.000000');
CREATE TABLE runs (
	id VARCHAR(128) NOT NULL, 
	thread_id VARCHAR(128) NOT NULL, 
	workspace VARCHAR(63) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	question TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	turn JSON NOT NULL, 
	answer_id VARCHAR(160), 
	answer JSON, 
	error JSON, 
	resumed_by VARCHAR(128), 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(thread_id) REFERENCES threads (id) ON DELETE CASCADE
);
INSERT INTO "runs" VALUES('r1','t1','shop','local','total revenue','done','{"text": "total revenue"}','a-r1','{"id": "a-r1", "text": "5"}',NULL,NULL,'2026-01-02 03:04:05.000000','2026-01-02 03:04:06.000000');
INSERT INTO "runs" VALUES('r2','t1','shop','local','by month','running','{"workspace": "shop", "thread_id": "t1", "run_id": "r2", "text": "by month revenue", "as_of": null, "brain": "auto", "answer_id": null, "patch": null, "resume": null, "glossary": [], "locale": "en-US"}',NULL,NULL,NULL,NULL,'2026-01-02 03:05:05.000000',NULL);
CREATE TABLE threads (
	id VARCHAR(128) NOT NULL, 
	workspace VARCHAR(63) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	title TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, pinned BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "threads" VALUES('t1','shop','local','Revenue','2026-01-02 03:04:05.000000','2026-01-02 03:05:05.000000',1);
CREATE TABLE workspaces (
	name VARCHAR(63) NOT NULL, 
	label TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "workspaces" VALUES('shop','The shop','2026-01-02 03:04:05.000000');
CREATE INDEX threads_recent ON threads (owner, workspace, updated_at);
CREATE INDEX runs_of_thread ON runs (thread_id, created_at);
CREATE INDEX runs_by_answer ON runs (answer_id);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX dashboards_of_owner ON dashboards (owner, updated_at);
COMMIT;
