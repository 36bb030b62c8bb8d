-- The newest schema. A change here is a file in migrations/ too; a test holds both to the same result.
-- Times are UTC. JSON is kept as text and parsed by Python's own json (the comments of the record modules say where).
-- No foreign keys: DuckDB would refuse harmless updates of rows that others refer to.

CREATE TABLE meta (
    format       INTEGER   NOT NULL,  -- number of the last migration
    id           VARCHAR   NOT NULL,  -- of this database; the commit counter beside it must bear the same
    commits      BIGINT    NOT NULL,  -- how many transactions changed anything
    created_at   TIMESTAMP NOT NULL
);

CREATE TABLE users (
    id            VARCHAR   NOT NULL PRIMARY KEY,
    name          VARCHAR   NOT NULL UNIQUE,
    display       VARCHAR   NOT NULL,
    role          VARCHAR   NOT NULL CHECK (role IN ('admin', 'member')),
    password_hash VARCHAR   NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    disabled_at   TIMESTAMP
);

CREATE TABLE sessions (
    token_hash VARCHAR   NOT NULL PRIMARY KEY,
    user_id    VARCHAR   NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    agent      VARCHAR   NOT NULL,
    address    VARCHAR   NOT NULL
);

CREATE TABLE api_keys (
    id           VARCHAR   NOT NULL PRIMARY KEY,
    user_id      VARCHAR   NOT NULL,
    name         VARCHAR   NOT NULL,
    secret_hash  VARCHAR   NOT NULL,
    scope        VARCHAR   NOT NULL CHECK (scope IN ('api', 'infer')),
    service      VARCHAR,
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP
);

CREATE TABLE links (
    token_hash VARCHAR   NOT NULL PRIMARY KEY,
    purpose    VARCHAR   NOT NULL CHECK (purpose IN ('setup', 'password')),
    user_id    VARCHAR,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE uploads (
    id          VARCHAR   NOT NULL PRIMARY KEY,
    user_id     VARCHAR   NOT NULL,
    name        VARCHAR   NOT NULL,
    bytes       BIGINT    NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    consumed_at TIMESTAMP
);

CREATE TABLE datasets (
    id          VARCHAR   NOT NULL PRIMARY KEY,
    name        VARCHAR   NOT NULL,
    state       VARCHAR   NOT NULL CHECK (state IN ('importing', 'ready', 'failed')),
    source_name VARCHAR   NOT NULL,
    bytes       BIGINT    NOT NULL,
    sha256      VARCHAR,
    "rows"      BIGINT,
    "columns"   BIGINT,
    rejected    BIGINT,
    created_by  VARCHAR   NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    job_id      VARCHAR,
    message     VARCHAR,
    deleted_at  TIMESTAMP
);

CREATE TABLE runs (
    id           VARCHAR   NOT NULL PRIMARY KEY,
    name         VARCHAR   NOT NULL,
    dataset_id   VARCHAR   NOT NULL,
    dataset_name VARCHAR   NOT NULL,
    target       VARCHAR   NOT NULL,
    task         VARCHAR,
    revision     INTEGER   NOT NULL,
    created_by   VARCHAR   NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    step         VARCHAR   NOT NULL,
    metric       VARCHAR,
    score        DOUBLE,
    baseline     DOUBLE,
    deleted_at   TIMESTAMP
);

CREATE TABLE jobs (
    id                  VARCHAR   NOT NULL PRIMARY KEY,
    kind                VARCHAR   NOT NULL,
    subject             VARCHAR   NOT NULL,
    title               VARCHAR   NOT NULL,
    lane                VARCHAR   NOT NULL,
    state               VARCHAR   NOT NULL
        CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'lost')),
    attempt             INTEGER   NOT NULL,
    token               VARCHAR   NOT NULL,
    arguments           VARCHAR   NOT NULL,
    share               DOUBLE,
    note                VARCHAR,
    message             VARCHAR,
    remedy              VARCHAR,
    error_class         VARCHAR   CHECK (error_class IN ('USER', 'RESOURCE', 'INFRA', 'BUG')),
    result              VARCHAR,
    created_by          VARCHAR   NOT NULL,
    created_at          TIMESTAMP NOT NULL,
    started_at          TIMESTAMP,
    finished_at         TIMESTAMP,
    cancel_requested_at TIMESTAMP,
    tailed_bytes        BIGINT    NOT NULL
);

CREATE TABLE job_events (
    job_id  VARCHAR   NOT NULL,
    seq     BIGINT    NOT NULL,
    attempt INTEGER   NOT NULL,
    "at"    TIMESTAMP NOT NULL,
    kind    VARCHAR   NOT NULL,
    event   VARCHAR   NOT NULL,
    PRIMARY KEY (job_id, seq)
);

CREATE TABLE models (
    id          VARCHAR   NOT NULL PRIMARY KEY,
    name        VARCHAR   NOT NULL UNIQUE,
    title       VARCHAR   NOT NULL,
    description VARCHAR   NOT NULL,
    created_by  VARCHAR   NOT NULL,
    created_at  TIMESTAMP NOT NULL
);

CREATE TABLE model_versions (
    model_id     VARCHAR   NOT NULL,
    version      INTEGER   NOT NULL,
    run_id       VARCHAR   NOT NULL,
    task         VARCHAR   NOT NULL,
    target       VARCHAR   NOT NULL,
    metric       VARCHAR   NOT NULL,
    score        DOUBLE,
    baseline     DOUBLE,
    "rows"       BIGINT    NOT NULL,
    bytes        BIGINT    NOT NULL,
    sha256       VARCHAR   NOT NULL,
    created_by   VARCHAR   NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    PRIMARY KEY (model_id, version)
);

CREATE TABLE services (
    name         VARCHAR   NOT NULL PRIMARY KEY,
    title        VARCHAR   NOT NULL,
    model_id     VARCHAR   NOT NULL,
    live_version INTEGER,
    state        VARCHAR   NOT NULL CHECK (state IN ('live', 'stopped')),
    created_by   VARCHAR   NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL
);

CREATE TABLE deployments (
    service  VARCHAR   NOT NULL,
    sequence INTEGER   NOT NULL,
    version  INTEGER   NOT NULL,
    "at"     TIMESTAMP NOT NULL,
    "by"     VARCHAR   NOT NULL,
    action   VARCHAR   NOT NULL CHECK (action IN ('deploy', 'roll_back', 'stop', 'start')),
    PRIMARY KEY (service, sequence)
);

CREATE TABLE audit (
    seq     BIGINT    NOT NULL PRIMARY KEY,
    "at"    TIMESTAMP NOT NULL,
    who     VARCHAR   NOT NULL,
    address VARCHAR   NOT NULL,
    action  VARCHAR   NOT NULL,
    object  VARCHAR   NOT NULL,
    outcome VARCHAR   NOT NULL,
    detail  VARCHAR   NOT NULL,
    hash    VARCHAR   NOT NULL  -- SHA-256 of the row before and of this row
);
