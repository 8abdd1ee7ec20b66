-- For H2, which copies the table for each statement that adds columns: so one statement adds them all. Null in older rows.

alter table llm_calls add (
    user_id         varchar(255),
    session_id      varchar(255),
    environment     varchar(64),
    tags            varchar(5000),
    trace_id        varchar(32),
    span_id         varchar(16),
    response_id     varchar(255),
    requested_model varchar(255)
);
