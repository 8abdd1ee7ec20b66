-- For PostgreSQL alone, by hand where tokentally.schema.migrate is false: each statement by itself, outside a transaction, while records
-- are written. Reports of a tenant read this index only: its calls lie on most pages of the table. It takes the place of the
-- index on the same two columns. An index of this name that is invalid (pg_index.indisvalid), as a try that was cut leaves it, is
-- dropped first.

create index concurrently llm_calls_tenant_figures on llm_calls (tenant_id, started_at)
    include (call_id, operation, model, status, cost_source, cost_usd, call_duration_ms, input_tokens, output_tokens);

drop index concurrently if exists llm_calls_tenant_started;

-- An index can stand for the table only on pages that were vacuumed, and by default a fifth of the calls may lie on others.
alter table llm_calls set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
