-- For PostgreSQL alone. It runs while calls are recorded, like 1_tenant_figures.sql. It checks the rows from before script V4
-- against the constraint that V4 added.

-- True if this step is done.
select coalesce((select convalidated from pg_constraint
     where conrelid = to_regclass('llm_calls') and conname = 'llm_calls_cost_source'),
    (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')));

alter table llm_calls validate constraint llm_calls_cost_source;
