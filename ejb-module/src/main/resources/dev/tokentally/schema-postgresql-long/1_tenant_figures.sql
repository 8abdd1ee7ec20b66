-- For PostgreSQL alone. Reports of a tenant read this index only: its calls lie on most pages of the table. It takes the place
-- of the index on the same two columns. The module runs this file beside recording; a DBA runs it where
-- tokentally.schema.migrate is false: each statement by itself, outside a transaction, while records are written. It may be
-- run again at any time, and goes on where an earlier try was cut.

-- Whether it is done.
select exists (select from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid)
   and to_regclass('llm_calls_tenant_started') is null;

-- What a try that was cut left behind. A block cannot drop an index concurrently. So it gives up soon where a report reads the
-- table, since writers would queue behind it; run the file again then.
do $$ begin
    perform set_config('lock_timeout', '2s', true);
    if exists (select from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and not indisvalid) then
        drop index llm_calls_tenant_figures;
    end if;
end $$;

create index concurrently if not exists llm_calls_tenant_figures on llm_calls (tenant_id, started_at)
    include (call_id, operation, model, status, cost_source, cost_usd, call_duration_ms, input_tokens, output_tokens);

drop index concurrently if exists llm_calls_tenant_started;

-- An index can stand for the table only on pages that were vacuumed, and by default a fifth of the calls may lie on others.
alter table llm_calls set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
