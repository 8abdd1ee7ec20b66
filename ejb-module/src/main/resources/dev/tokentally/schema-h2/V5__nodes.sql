-- For H2. How recording goes on each node and in each application, and what the store refuses there. Small tables: a node tells
-- its row every few seconds, and forgets those of nodes that were not seen for a week.

create table if not exists tokentally_nodes (
    id            uuid                        not null,
    application   varchar(255)                not null,
    node          varchar(255)                not null,
    last_seen     timestamp(6) with time zone not null,
    stopped       boolean                     not null,
    mode          varchar(16)                 not null,
    circuit       varchar(16)                 not null,
    waiting       bigint                      not null,
    oldest        timestamp(6) with time zone,
    rejected      bigint                      not null,
    dropped       bigint                      not null,
    without_scope bigint                      not null,
    retries_asked bigint                      not null,
    retries_done  bigint                      not null,

    constraint tokentally_nodes_pk primary key (id)
);

create table if not exists tokentally_rejected (
    id          uuid                        not null,
    node_id     uuid                        not null,
    tenant_id   varchar(255)                not null,
    operation   varchar(64)                 not null,
    started_at  timestamp(6) with time zone not null,
    rejected_at timestamp(6) with time zone not null,
    tries       integer                     not null,
    next_try    timestamp(6) with time zone,
    reason      varchar(1000)               not null,

    constraint tokentally_rejected_pk primary key (id)
);

create index if not exists tokentally_rejected_newest on tokentally_rejected (rejected_at, id);
