-- For H2, which copies the table for each statement that adds columns: so one statement adds them all.

alter table llm_calls add (
    service_tier varchar(32)   default ''     not null,
    kind         varchar(16)   default 'chat' not null,
    meters       varchar(1000) default ''     not null,
    usage_doubts varchar(128)  default ''     not null
);

alter table llm_calls drop constraint llm_calls_cost_source;
alter table llm_calls add constraint llm_calls_cost_source
    check (cost_source in ('provider', 'price-list', 'partial', 'maybe-billed', 'none'));
