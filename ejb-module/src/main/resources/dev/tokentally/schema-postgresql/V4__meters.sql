-- For PostgreSQL. Each statement takes a moment at any size: columns with a constant default are not written into the rows, and
-- the check of rows that are there already is left to the long step that validates llm_calls_cost_source.

-- Writers queue behind a statement that waits for its lock: so it gives up soon, and is tried again.
set local lock_timeout = '2s';

alter table llm_calls
    add column service_tier varchar(32)   not null default '',
    add column kind         varchar(16)   not null default 'chat',
    add column meters       varchar(1000) not null default '',
    add column usage_doubts varchar(128)  not null default '',
    drop constraint llm_calls_cost_source,
    add constraint llm_calls_cost_source
        check (cost_source in ('provider', 'price-list', 'partial', 'maybe-billed', 'none')) not valid;
