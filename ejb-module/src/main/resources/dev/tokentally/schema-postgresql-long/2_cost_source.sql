-- For PostgreSQL alone, beside recording as 1_tenant_figures.sql: looks whether the rows that were there before V4 keep the
-- rule that it brought.

-- Whether it is done.
select convalidated from pg_constraint where conrelid = to_regclass('llm_calls') and conname = 'llm_calls_cost_source';

alter table llm_calls validate constraint llm_calls_cost_source;
