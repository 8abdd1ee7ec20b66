-- For H2. Whose rows get a pseudonym, and how far that is. Small tables: a row for each request, without the user's name.

create table if not exists tokentally_erasures (
    id          uuid                        not null,
    number      bigint                      not null,
    tenant_id   varchar(255)                not null,
    user_hash   varchar(64)                 not null,
    key_check   varchar(64)                 not null,
    pseudonym   varchar(64)                 not null,
    asked_at    timestamp(6) with time zone not null,
    ended_at    timestamp(6) with time zone,
    state       varchar(16)                 not null,
    rows_done   bigint                      not null,
    rows_total  bigint,
    round       bigint                      not null,
    worker      varchar(36),
    worker_seen timestamp(6) with time zone,

    constraint tokentally_erasures_pk primary key (id),
    constraint tokentally_erasures_number unique (number)
);

-- The number of the newest erasure that all writes of a node heed.
alter table tokentally_nodes add column if not exists erasures_read bigint;
