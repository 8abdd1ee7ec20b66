-- For PostgreSQL alone. It leaves llm_calls one table, if 3_partitions.sql was begun and is not to be ended: calls that begin after
-- its bound are stored again. The new primary key stays. Each statement runs by itself, outside a transaction.

-- True if there is nothing to undo.
select relkind = 'p' or to_regclass('llm_calls_beyond') is null and not exists (
    select from pg_constraint where conrelid = pg_class.oid and conname like 'llm\_calls\_before\_%')
  from pg_class where oid = to_regclass('llm_calls');

do $$
declare
    old text;
begin
    perform set_config('lock_timeout', '200ms', true);
    for old in select conname from pg_constraint
        where conrelid = to_regclass('llm_calls') and conname like 'llm\_calls\_before\_%' loop
        execute format('alter table llm_calls drop constraint %I', old);
    end loop;
    if to_regclass('llm_calls_beyond') is not null then
        -- A call that was repeated meanwhile is there already.
        insert into llm_calls select * from llm_calls_beyond on conflict do nothing;
        drop table llm_calls_beyond;
    end if;
end $$;
