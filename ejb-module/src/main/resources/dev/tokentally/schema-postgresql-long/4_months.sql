-- For PostgreSQL alone. It makes the partitions of this month and the three months after it, if 3_partitions.sql has partitioned
-- llm_calls. The module runs it every few minutes. If tokentally.schema.migrate is false, a DBA lets it run once a week: each
-- statement by itself, outside a transaction. Calls of a month without a partition go to llm_calls_default. They are moved to the
-- month in the transaction that attaches it, so that each call is seen once by every report and found by its repetition.
-- Meanwhile a check keeps new calls of that month away, and nobody else waits. If the file is interrupted, run it again.
-- If another table has the name of a month, that month gets no partition.

-- True if there is nothing to do.
select not exists (
    select from pg_class calls
      join pg_inherits on inhparent = calls.oid
      join pg_class others on others.oid = inhrelid and others.relname = 'llm_calls_default'
      cross join generate_series(0, 3) ahead
      cross join lateral (select date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month' as begins) month
     where calls.oid = to_regclass('llm_calls')
       and obj_description(others.oid, 'pg_class') like 'Tokentally makes the months of llm@_calls, from %' escape '@'
       and (to_char(begins, 'YYYY-MM') >= substring(obj_description(others.oid, 'pg_class') from '[0-9]{4}-[0-9]{2}')
            and to_regclass(calls.relnamespace::regnamespace || '.llm_calls_' || to_char(begins, 'YYYY_MM')) is null
            or exists (select from pg_constraint where conrelid = others.oid and conname like 'llm@_calls@_moves@_%' escape '@')));

do $$
declare
    calls pg_class;
    others pg_class;
    place text;
    stored text;
    patience text := (select setting::int + 2000 || 'ms' from pg_settings where name = 'deadlock_timeout');
    month timestamp;
    first text;
    after text;
    name text;
    moves text;
    moved bigint;
begin
    select * into strict calls from pg_class where oid = to_regclass('llm_calls');
    place := calls.relnamespace::regnamespace;
    select pg_class.* into strict others from pg_class join pg_inherits on inhrelid = pg_class.oid
     where inhparent = calls.oid and relname = 'llm_calls_default';
    select string_agg(quote_ident(attname), ', ') into stored from pg_attribute
     where attrelid = calls.oid and attnum > 0 and not attisdropped and attgenerated = '';
    if not has_schema_privilege(calls.relnamespace, 'create') then
        raise exception using errcode = '42501', message = format(
            'the role %I may not make tables; a DBA may let it: grant create on schema %s to %1$I', current_user, place);
    end if;
    for month in
        select begins from generate_series(date_trunc('month', now() at time zone 'UTC'),
            date_trunc('month', now() at time zone 'UTC') + interval '3 months', interval '1 month') begins
         where to_char(begins, 'YYYY-MM') >= substring(obj_description(others.oid, 'pg_class') from '[0-9]{4}-[0-9]{2}')
        union
        select to_date(right(conname, 7), 'YYYY_MM') from pg_constraint
         where conrelid = others.oid and conname like 'llm@_calls@_moves@_%' escape '@'
         order by 1 loop
        name := place || '.llm_calls_' || to_char(month, 'YYYY_MM');
        moves := 'llm_calls_moves_' || to_char(month, 'YYYY_MM');
        first := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
        after := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
        if to_regclass(name) is not null then
            if exists (select from pg_constraint where conrelid = others.oid and conname = moves) then
                perform set_config('lock_timeout', '100ms', true);
                execute format('alter table %s.llm_calls_default drop constraint %I', place, moves);
                commit;
            end if;
            continue;
        end if;
        if not exists (select from pg_constraint where conrelid = others.oid and conname = moves) then
            perform set_config('lock_timeout', patience, true);
            execute format('lock table %s.llm_calls_default in share update exclusive mode', place);
            perform set_config('lock_timeout', '100ms', true);
            execute format('alter table %s.llm_calls_default add constraint %I
                check (started_at < %L or started_at >= %L) not valid', place, moves, first, after);
            commit;
        end if;
        perform set_config('lock_timeout', patience, true);
        execute format('lock table %s.llm_calls_default in share update exclusive mode', place);
        perform set_config('lock_timeout', '100ms', true);
        -- With this check PostgreSQL need not read the table under the lock when it attaches it.
        execute format('create table %s (like %s.llm_calls including defaults including constraints including generated
            including storage including indexes, constraint tokentally_month check (started_at >= %L and started_at < %L))',
            name, place, first, after)
            || coalesce(' with (' || array_to_string(others.reloptions, ', ') || ')', '');
        if calls.relreplident in ('f', 'n') then
            execute format('alter table %s replica identity %s', name, case calls.relreplident when 'f' then 'full' else 'nothing' end);
        end if;
        execute format('alter table %s owner to %s', name, calls.relowner::regrole);
        execute format('with moved as (delete from %s.llm_calls_default where started_at >= %L and started_at < %L returning %s)
            insert into %s (%4$s) select %4$s from moved', place, first, after, stored, name);
        get diagnostics moved = row_count;
        -- It reads the others while they are written to. Otherwise the attaching would read them under its lock.
        execute format('alter table %s.llm_calls_default validate constraint %I', place, moves);
        for tries in 1..20 loop
            begin
                if moved > 0 then
                    -- A report that began before the month existed would find its calls in neither table.
                    execute format('lock table only %s.llm_calls in access exclusive mode', place);
                end if;
                execute format('alter table %s.llm_calls attach partition %s for values from (%L) to (%L)', place, name, first, after);
                exit;
            exception when lock_not_available then
                if tries = 20 then
                    raise;
                end if;
                perform pg_sleep(0.2);
            end;
        end loop;
        execute format('alter table %s drop constraint tokentally_month', name);
        execute format('alter table %s.llm_calls_default drop constraint %I', place, moves);
        commit;
        if moved > 0 then
            execute format('analyze %s, %s.llm_calls_default', name, place);
            commit;
        end if;
    end loop;
end $$;
