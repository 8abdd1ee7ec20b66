-- For PostgreSQL alone. Reports of a tenant read this index only: its calls lie on most pages of the table. It takes the place of
-- the index on the same two columns. Records wait in the spool while it is made, half a minute for ten million calls.

create index llm_calls_tenant_figures on llm_calls (tenant_id, started_at)
    include (call_id, operation, model, status, cost_source, cost_usd, call_duration_ms, input_tokens, output_tokens);
drop index llm_calls_tenant_started;

-- An index can stand for the table only on pages that were vacuumed, and by default a fifth of the calls may lie on others.
alter table llm_calls set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
