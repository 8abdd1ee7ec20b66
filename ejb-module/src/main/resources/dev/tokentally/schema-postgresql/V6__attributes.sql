-- For PostgreSQL. It takes a moment at any size: columns without a default are not written into the rows. Null in older rows.

-- Writers queue behind a statement that waits for its lock: so it gives up soon, and is tried again.
set local lock_timeout = '2s';

alter table llm_calls
    add column user_id         varchar(255),
    add column session_id      varchar(255),
    add column environment     varchar(64),
    add column tags            varchar(5000),
    add column trace_id        varchar(32),
    add column span_id         varchar(16),
    add column response_id     varchar(255),
    add column requested_model varchar(255);
