-- One row for each attempt to call a model. The same statements for H2 and PostgreSQL.

create table llm_calls (
    id                  uuid                        not null,
    call_id             uuid                        not null,
    tenant_id           varchar(255)                not null,
    operation           varchar(64)                 not null,
    started_at          timestamp(6) with time zone not null,
    call_duration_ms    bigint                      not null,
    first_token_ms      bigint,
    provider            varchar(64)                 not null default '',
    model               varchar(255)                not null,
    input_tokens        integer                     not null,
    output_tokens       integer                     not null,
    cached_input_tokens integer                     not null,
    cache_write_tokens  integer                     not null,
    reasoning_tokens    integer                     not null,
    cost_usd            numeric(20, 10)             not null,
    cost_source         varchar(16)                 not null,
    status              varchar(16)                 not null,
    error_class         varchar(128),
    created_at          timestamp(6) with time zone not null default current_timestamp,

    constraint llm_calls_pk primary key (id),
    constraint llm_calls_call_duration_ms check (call_duration_ms >= 0),
    constraint llm_calls_first_token_ms check (first_token_ms >= 0),
    constraint llm_calls_input_tokens check (input_tokens >= 0),
    constraint llm_calls_output_tokens check (output_tokens >= 0),
    constraint llm_calls_cached_input_tokens check (cached_input_tokens >= 0),
    constraint llm_calls_cache_write_tokens check (cache_write_tokens >= 0),
    constraint llm_calls_reasoning_tokens check (reasoning_tokens >= 0),
    constraint llm_calls_cost_usd check (cost_usd >= 0),
    constraint llm_calls_cost_source check (cost_source in ('provider', 'price-list', 'none')),
    constraint llm_calls_status check (status in ('ok', 'error')),
    constraint llm_calls_error_class check ((status = 'error') = (error_class is not null))
);

create index llm_calls_tenant_started on llm_calls (tenant_id, started_at);
create index llm_calls_started on llm_calls (started_at);
