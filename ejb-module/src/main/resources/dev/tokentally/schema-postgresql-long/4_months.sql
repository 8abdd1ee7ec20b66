-- For PostgreSQL alone. It makes the partitions of this month and the three months after it, if 3_partitions.sql has partitioned
-- llm_calls. The module runs it every few minutes. If tokentally.schema.migrate is false, a DBA lets it run once a week: each
-- statement by itself, outside a transaction. Calls of a month without a partition go to llm_calls_default. They are moved to the
-- month in the transaction that attaches it, so that each call is seen once by every report and found by its repetition.

-- True if there is nothing to do.
select not exists (
    select from pg_class calls
      join pg_inherits on inhparent = calls.oid
      join pg_class others on others.oid = inhrelid and others.relname = 'llm_calls_default'
      cross join generate_series(0, 3) ahead
      cross join lateral (select date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month' as begins) month
     where calls.oid = to_regclass('llm_calls')
       and obj_description(others.oid, 'pg_class') like 'Tokentally makes the months of llm\_calls, from %'
       and to_char(begins, 'YYYY-MM') >= substring(obj_description(others.oid, 'pg_class') from '\d{4}-\d{2}')
       and to_regclass(calls.relnamespace::regnamespace || '.llm_calls_' || to_char(begins, 'YYYY_MM')) is null);

do $$
declare
    calls pg_class;
    others pg_class;
    place text;
    month timestamp;
    name text;
begin
    select * into strict calls from pg_class where oid = to_regclass('llm_calls');
    place := calls.relnamespace::regnamespace;
    select pg_class.* into strict others from pg_class join pg_inherits on inhrelid = pg_class.oid
     where inhparent = calls.oid and relname = 'llm_calls_default';
    if not has_schema_privilege(calls.relnamespace, 'create') then
        raise exception using errcode = '42501', message = format(
            'the role %I may not make tables; a DBA may let it: grant create on schema %s to %1$I', current_user, place);
    end if;
    for month in select begins from generate_series(date_trunc('month', now() at time zone 'UTC'),
            date_trunc('month', now() at time zone 'UTC') + interval '3 months', interval '1 month') begins
        where to_char(begins, 'YYYY-MM') >= substring(obj_description(others.oid, 'pg_class') from '\d{4}-\d{2}') loop
        name := place || '.llm_calls_' || to_char(month, 'YYYY_MM');
        if to_regclass(name) is null then
            perform set_config('lock_timeout', '100ms', true);
            -- The others are read while nobody can write to them.
            execute format('lock table %s.llm_calls_default in share row exclusive mode', place);
            if (select count(*) from (select from llm_calls_default limit 50001) stray) > 50000 then
                raise exception using errcode = 'TK001', message = 'more than 50000 calls are in llm_calls_default;'
                    || ' a DBA has to move them before months can be attached';
            end if;
            execute format('create table %s (like %s.llm_calls including defaults including constraints including generated
                including storage)', name, place) || coalesce(' with (' || array_to_string(others.reloptions, ', ') || ')', '');
            if calls.relreplident in ('f', 'n') then
                execute format('alter table %s replica identity %s', name, case calls.relreplident when 'f' then 'full' else 'nothing' end);
            end if;
            execute format('alter table %s owner to %s', name, calls.relowner::regrole);
            execute format('with moved as (delete from %s.llm_calls_default where started_at >= $1 and started_at < $2 returning *)
                insert into %s select * from moved', place, name)
                using month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC';
            execute format('alter table %s.llm_calls attach partition %s for values from (%L) to (%L)', place, name,
                to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
            commit;
        end if;
    end loop;
end $$;

analyze llm_calls;
