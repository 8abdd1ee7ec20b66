-- For PostgreSQL alone. It makes the triggers by which every change of calls marks their interval, so that reports read the calls
-- until the rollup is made again. Without the triggers, reports read calls only. The module runs this file if tokentally.rollups is
-- true. If tokentally.schema.migrate is false, a DBA runs it after 3_partitions.sql, and again after 4_months.sql: each statement by
-- itself, outside a transaction. It needs the script V8.

-- True if this step is done.
with recursive tables (oid) as (
    select to_regclass('llm_calls')::oid union all select inhrelid from pg_inherits join tables on inhparent = oid)
select to_regclass('llm_calls') is not null and not exists (
    select from tables
     cross join unnest(array['insert', 'update', 'delete', 'truncate']) event
     where not exists (select from pg_trigger where tgrelid = tables.oid and tgname = 'tokentally_marks_' || event))
   and exists (
    select from pg_proc join pg_class state on state.oid = to_regclass('tokentally_rollup_state')
     where proname = 'tokentally_mark' and pronamespace = state.relnamespace
       and substring(prosrc from '-- Form ([0-9]+)')::integer >= 6
       and position((select format('(%L)', format('%s.%s', relnamespace::regnamespace, relname))
                       from pg_class where oid = to_regclass('llm_calls')) in prosrc) > 0
       and position(' ' || state.relnamespace::regnamespace || '.tokentally_rollup_marks ' in prosrc) > 0);

do $$
declare
    one regclass;
begin
    if to_regclass('llm_calls') is null then
        raise exception using errcode = '42P01', message = 'there is no table llm_calls';
    end if;
    for one in with recursive tables (oid) as (
                   select to_regclass('llm_calls')::oid union all select inhrelid from pg_inherits join tables on inhparent = oid)
               select oid::regclass from tables loop
        if not has_table_privilege(one, 'trigger') then
            raise exception using errcode = '42501', message = format(
                'the role %I may not make triggers; a DBA may let it: grant trigger on %s to %1$I', current_user, one);
        end if;
    end loop;
    if not has_schema_privilege((select relnamespace from pg_class where oid = to_regclass('tokentally_rollup_state')), 'create') then
        raise exception using errcode = '42501', message = format(
            'the role %I may not make functions; a DBA may let it: grant create on schema %s to %1$I', current_user,
            (select relnamespace::regnamespace from pg_class where oid = to_regclass('tokentally_rollup_state')));
    end if;
end $$;

-- It runs with the rights of its owner, so that others who write calls need none on the tables of the rollups. A transaction that does
-- not read what was committed meanwhile may not know that an interval is closing, so it marks whatever it changes. A call that comes
-- or moves to the time before kept_from would not count, one that leaves this time would count twice, and other figures of a call of
-- this time would not count. So all of these are refused. Whoever sets kept_from changes the row 3, too. So a transaction that cannot
-- see kept_from fails when it locks that row, and may be tried again. Both first take another lock, "tokenkep" in ASCII, which is granted
-- in the order of the requests; row locks are not. If somebody renames the table, writes to it must still succeed, so a missing table is
-- no error.
do $$
declare
    calls text := (select format('%s.%s', relnamespace::regnamespace, relname) from pg_class where oid = to_regclass('llm_calls'));
begin
    if calls is null then
        raise exception using errcode = '42P01', message = 'there is no table llm_calls';
    end if;
    execute format($function$
        create or replace function %1$s.tokentally_mark() returns trigger
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        -- Form 6. The module makes the function again if it has a form before this one.
        declare
            closing_from integer;
            kept timestamptz;
            earliest timestamptz;
            all_of_them boolean := current_setting('transaction_isolation') <> 'read committed';
            first timestamptz;
            last timestamptz := '9999-12-31 23:59:59.999999+00';
        begin
            if TG_OP = 'INSERT' then
                select min(started_at) into earliest from new_calls;
                select closing, kept_from into closing_from, kept from %1$s.tokentally_rollup_state where id = 1;
                -- Nearly all calls are new ones, which must cost little.
                if not all_of_them and (kept is null or earliest >= kept) and earliest >=
                        (case closing_from when -2147483648 then '-infinity' else to_timestamp(closing_from * 900.0) end) then
                    return null;
                end if;
            end if;
            if TG_RELID <> to_regclass(%3$L) and not exists (
                    with recursive parents (oid) as (
                        select TG_RELID union all select inhparent from pg_inherits join parents on inhrelid = oid)
                    select from parents where oid = to_regclass(%3$L)) then
                return null;
            end if;
            if all_of_them and TG_OP in ('INSERT', 'UPDATE') then
                perform pg_advisory_xact_lock_shared(8390042714202924400);
                perform from %1$s.tokentally_rollup_state where id = 3 for share;
            end if;
            select closing, kept_from into closing_from, kept from %1$s.tokentally_rollup_state where id = 1;
            if TG_OP = 'TRUNCATE' then
                insert into %1$s.tokentally_rollup_marks (tenant_id, starts, unit) values ('', -2147483648, 9);
                return null;
            end if;
            if TG_OP = 'INSERT' and earliest < kept then
                raise exception using errcode = 'TK002', message = 'calls before ' || kept || ' were dropped';
            end if;
            first := coalesce(kept, '0001-01-01 00:00:00+00');
            if TG_OP = 'UPDATE' and kept is not null then
                if exists (select from old_calls where started_at < first) or exists (select from new_calls where started_at < first) then
                    if exists (select %2$s from old_calls where started_at < first
                               except select %2$s from new_calls)
                            or exists (select %2$s from new_calls where started_at < first
                                       except select %2$s from old_calls) then
                        raise exception using errcode = 'TK002', message = 'calls before ' || first
                            || ' were dropped and their figures stay, so no call of that time can change, and none can be moved to it';
                    end if;
                end if;
            end if;
            if not all_of_them then
                if closing_from = -2147483648 then
                    return null;
                end if;
                last := to_timestamp(closing_from * 900.0);
            end if;
            if TG_OP = 'INSERT' then
                insert into %1$s.tokentally_rollup_marks (tenant_id, starts, unit)
                select distinct tenant_id, floor(extract(epoch from started_at) / 900)::integer, 0
                  from new_calls where started_at >= first and started_at < last;
            elsif TG_OP = 'DELETE' then
                insert into %1$s.tokentally_rollup_marks (tenant_id, starts, unit)
                select distinct tenant_id, floor(extract(epoch from started_at) / 900)::integer, 0
                  from old_calls where started_at >= first and started_at < last;
            else
                insert into %1$s.tokentally_rollup_marks (tenant_id, starts, unit)
                select distinct tenant_id, floor(extract(epoch from started_at) / 900)::integer, 0
                  from ((select %2$s from old_calls where started_at >= first and started_at < last
                         except all select %2$s from new_calls)
                        union all
                        (select %2$s from new_calls where started_at >= first and started_at < last
                         except all select %2$s from old_calls)) changed;
            end if;
            return null;
        end $body$ $function$,
        (select relnamespace::regnamespace from pg_class where oid = to_regclass('tokentally_rollup_state')),
        'tenant_id, started_at, id, call_id, operation, provider, model, requested_model, kind, environment, cost_source, cost_usd,
         status, call_duration_ms, input_tokens, output_tokens',
        calls);
    -- Nobody else may make a trigger with it, which would run with the rights of its owner.
    execute format('revoke all on function %s.tokentally_mark() from public',
        (select relnamespace::regnamespace from pg_class where oid = to_regclass('tokentally_rollup_state')));
end $$;

-- The first of the two locks lets an autovacuum end, and no writer waits for it.
do $$
declare
    place text := (select relnamespace::regnamespace from pg_class where oid = to_regclass('tokentally_rollup_state'));
    one regclass;
    there integer;
    event text;
    is_rolled_up boolean;
begin
    for one in with recursive tables (oid) as (
                   select to_regclass('llm_calls')::oid union all select inhrelid from pg_inherits join tables on inhparent = oid)
               select oid::regclass from tables loop
        there := (select count(*) from pg_trigger where tgrelid = one and tgname like 'tokentally@_marks@_%' escape '@');
        if there < 4 then
            -- A new partition has no triggers, and mostly no calls of closed intervals.
            is_rolled_up := true;
            if has_table_privilege(one, 'select') then
                execute format('select exists (select from %s calls join %s.tokentally_rollup_state state on state.id = 1
                    where started_at < to_timestamp(nullif(closing, -2147483648) * 900.0)
                      and started_at >= coalesce(kept_from, ''-infinity''))', one, place) into is_rolled_up;
            end if;
            if one = to_regclass('llm_calls') or there > 0 or is_rolled_up then
                -- Changes were not marked, or it is another table than before.
                execute format('insert into %s.tokentally_rollup_marks (tenant_id, starts, unit) values ($1, $2, $3)', place)
                    using '', -2147483648, 9;
            end if;
            perform set_config('lock_timeout', '3s', true);
            execute format('lock table only %s in share update exclusive mode', one);
            perform set_config('lock_timeout', '200ms', true);
            foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
                if not exists (select from pg_trigger where tgrelid = one and tgname = 'tokentally_marks_' || event) then
                    execute format('create trigger tokentally_marks_%s after %1$s on %s %s for each statement execute function %s.tokentally_mark()',
                        event, one,
                        case event when 'insert' then 'referencing new table as new_calls'
                                   when 'update' then 'referencing old table as old_calls new table as new_calls'
                                   when 'delete' then 'referencing old table as old_calls' else '' end,
                        place);
                end if;
            end loop;
            commit;
        end if;
    end loop;
end $$;
