-- For PostgreSQL alone. It leaves llm_calls one table, if 3_partitions.sql was begun and is not to be ended: calls that begin after
-- its bound are stored again. The new primary key stays. Each statement runs by itself, outside a transaction.

-- True if there is nothing to undo.
select relkind = 'p' or not exists (
    select from pg_constraint where conrelid = pg_class.oid and conname like 'llm@_calls@_before@_%' escape '@')
   and (obj_description(to_regclass(relnamespace::regnamespace || '.llm_calls_beyond'), 'pg_class') like 'Tokentally%') is not true
  from pg_class where oid = to_regclass('llm_calls');

do $$
declare
    place text := (select relnamespace::regnamespace from pg_class where oid = to_regclass('llm_calls'));
    stored text;
    old text;
begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';
    lock table llm_calls in share update exclusive mode;
    perform set_config('lock_timeout', '200ms', true);
    for old in select conname from pg_constraint
        where conrelid = to_regclass('llm_calls') and conname like 'llm@_calls@_before@_%' escape '@' loop
        execute format('alter table llm_calls drop constraint %I', old);
    end loop;
    if obj_description(to_regclass(place || '.llm_calls_beyond'), 'pg_class') like 'Tokentally%' then
        select string_agg(quote_ident(attname), ', ') into stored from pg_attribute
         where attrelid = to_regclass('llm_calls') and attnum > 0 and not attisdropped and attgenerated = '';
        -- A call that was repeated meanwhile is there already.
        execute format('insert into llm_calls (%s) select %1$s from %s.llm_calls_beyond on conflict do nothing', stored, place);
        execute format('drop table %s.llm_calls_beyond', place);
        -- An erasure that has looked at the table meanwhile looks at it again.
        if to_regclass('tokentally_erasures') is not null then
            update tokentally_erasures set round = round + 1 where state <> 'done';
        end if;
    end if;
end $$;
