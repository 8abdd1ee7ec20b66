-- For PostgreSQL alone. Reports of a tenant read only this index, and not the table, where the tenant's calls are on most
-- pages. It replaces the index on the same two columns. The module runs this file while calls are recorded. If
-- tokentally.schema.migrate is false, a DBA runs it: each statement by itself, outside a transaction; calls may be recorded
-- meanwhile. The file may be run again until the table is partitioned, and continues where an earlier run was
-- interrupted.

-- True if this step is done, and for a table that a DBA has partitioned.
select (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls'))
    or exists (select from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid)
   and to_regclass('llm_calls_tenant_started') is null and to_regclass('llm_calls_tenant_replaced') is null;

-- Drops the incomplete index of an interrupted run. A block cannot drop an index concurrently, and writers would queue behind
-- it while it waits for a report. So it gives up after two seconds; then run the file again.
do $$ begin
    perform set_config('lock_timeout', '2s', true);
    if exists (select from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and not indisvalid) then
        drop index llm_calls_tenant_figures;
    end if;
end $$;

create index concurrently if not exists llm_calls_tenant_figures on llm_calls (tenant_id, started_at)
    include (call_id, operation, model, status, cost_source, cost_usd, call_duration_ms, input_tokens, output_tokens);

-- The last statement drops an index only under the name that it gets here, and it gets this name only if the new index is complete.
-- So the old index stays if the new one failed, even if psql runs the rest of the file.
do $$ begin
    perform set_config('lock_timeout', '2s', true);
    if exists (select from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid)
       and to_regclass('llm_calls_tenant_started') is not null and to_regclass('llm_calls_tenant_replaced') is null then
        alter index llm_calls_tenant_started rename to llm_calls_tenant_replaced;
    end if;
end $$;

drop index concurrently if exists llm_calls_tenant_replaced;

-- PostgreSQL can read the index instead of the table only for pages that were vacuumed. By default a fifth of the calls may be
-- on other pages.
alter table llm_calls set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
