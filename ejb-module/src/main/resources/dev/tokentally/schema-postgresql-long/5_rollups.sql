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
       and substring(prosrc from '-- Form ([0-9]+)')::integer >= 7
       and position((select format('(%L)', format('%s.%s', relnamespace::regnamespace, relname))
                       from pg_class where oid = to_regclass('llm_calls')) in prosrc) > 0
       and position(' ' || state.relnamespace::regnamespace || '.tokentally_rollup_marks ' in prosrc) > 0)
   and exists (
    select from pg_attribute where attrelid = to_regclass('tokentally_rollup_state') and attname = 'triggers' and not attisdropped);

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

-- Row 1 has the triggers of each table, with the transactions that last made them or turned them on or off. As long as these are the
-- triggers of llm_calls and its partitions, every change since then has a mark. If they are not, the module makes all rollups again.
do $$
declare
    state pg_class;
begin
    select * into strict state from pg_class where oid = to_regclass('tokentally_rollup_state');
    if exists (select from pg_attribute where attrelid = state.oid and attname = 'triggers' and not attisdropped) then
        return;
    end if;
    if not pg_has_role(state.relowner, 'usage') then
        raise exception using errcode = '42501', message = format(
            'the role %I does not own %s; a DBA may do it: alter table %2$s add column triggers jsonb', current_user, state.oid::regclass);
    end if;
    perform set_config('lock_timeout', '200ms', true);
    execute format('alter table %s add column triggers jsonb', state.oid::regclass);
end $$;

-- It runs with the rights of its owner, so that others who write calls need none on the tables of the rollups. A transaction that does
-- not read what was committed meanwhile may not know that an interval is closing, so it marks whatever it changes. A call that is
-- stored in or moved to the time before kept_from would be missing in reports. A call that is moved out of that time would count twice.
-- Changed figures of a call of that time would not show. So all of these are refused. Whoever sets kept_from changes the row 3, too. So
-- a transaction that cannot see kept_from fails when it locks that row, and may be tried again. Both first take another lock,
-- "tokenkep" in ASCII, which is granted in the order of the requests; row locks are not. If somebody renames the table or detaches a
-- partition, writes to it must still succeed, so nothing is refused then. But they are marked, since the table may come back before
-- anybody has noticed that it was away.
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
        -- Form 7. The module makes the function again if it has a form before this one.
        declare
            closing_from integer;
            kept timestamptz;
            is_read boolean;
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
            is_read := TG_RELID = to_regclass(%3$L) or exists (
                with recursive parents (oid) as (
                    select TG_RELID union all select inhparent from pg_inherits join parents on inhrelid = oid)
                select from parents where oid = to_regclass(%3$L));
            if is_read and all_of_them and TG_OP in ('INSERT', 'UPDATE') then
                perform pg_advisory_xact_lock_shared(8390042714202924400);
                perform from %1$s.tokentally_rollup_state where id = 3 for share;
            end if;
            select closing, kept_from into closing_from, kept from %1$s.tokentally_rollup_state where id = 1;
            if TG_OP = 'TRUNCATE' then
                insert into %1$s.tokentally_rollup_marks (tenant_id, starts, unit) values ('', -2147483648, 9);
                return null;
            end if;
            if is_read and TG_OP = 'INSERT' and earliest < kept then
                raise exception using errcode = 'TK002', message = 'calls before ' || kept || ' were dropped';
            end if;
            first := coalesce(kept, '0001-01-01 00:00:00+00');
            if is_read and TG_OP = 'UPDATE' and kept is not null then
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

-- The first of the two locks lets an autovacuum end, and no writer waits for it. A new table is written down at once if it has no calls
-- of closed intervals. It gets none meanwhile, since to make a trigger locks the table against writes. The module deals with all other
-- differences between the tables and what is written down.
do $$
declare
    place text := (select relnamespace::regnamespace from pg_class where oid = to_regclass('tokentally_rollup_state'));
    one regclass;
    is_partitioned boolean;
    event text;
    is_rolled_up boolean;
begin
    for one, is_partitioned in
        with recursive tables (oid) as (
            select to_regclass('llm_calls')::oid union all select inhrelid from pg_inherits join tables on inhparent = oid)
        select pg_class.oid::regclass, relkind = 'p' from tables join pg_class on pg_class.oid = tables.oid loop
        if (select count(*) from pg_trigger where tgrelid = one and tgname like 'tokentally@_marks@_%' escape '@') < 4 then
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
        end if;
        if exists (select from tokentally_rollup_state where id = 1 and triggers -> one::oid::text is null
                      and (triggers is not null or closing = -2147483648)) then
            is_rolled_up := not is_partitioned;
            if is_rolled_up and has_table_privilege(one, 'select') then
                execute format('select exists (select from %s calls join tokentally_rollup_state state on state.id = 1
                    where started_at < to_timestamp(nullif(closing, -2147483648) * 900.0)
                      and started_at >= coalesce(kept_from, ''-infinity''))', one) into is_rolled_up;
            end if;
            if not is_rolled_up then
                update tokentally_rollup_state set triggers = coalesce(triggers, '{}') || jsonb_build_object(one::oid, made.changed)
                  from (select string_agg(xmin::text, ' ' order by tgname) as changed from pg_trigger
                         where tgrelid = one and tgname like 'tokentally@_marks@_%' escape '@' and tgenabled in ('O', 'A')
                        having count(*) = 4) made
                 where id = 1;
            end if;
        end if;
        commit;
    end loop;
end $$;
