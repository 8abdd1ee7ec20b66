-- For PostgreSQL alone. It partitions llm_calls by months, while calls are recorded: the table that exists becomes the first
-- partition. The module runs this file if tokentally.partitions is true. If tokentally.schema.migrate is false, a DBA runs it:
-- each statement by itself, in this order, outside a transaction, and none after one that failed (psql -v ON_ERROR_STOP=1). The file
-- may be run again until the table is partitioned, and continues where an earlier run was interrupted. A statement that waits for a
-- lock gives up after a fifth of a second, since writers queue behind it. An autovacuum of the table gives way to others only after
-- deadlock_timeout. So each block first takes a lock that only an autovacuum and changes of the table conflict with.
-- If the file is not run to its end, run 3_partitions_undo.sql: until then calls that begin after the bound wait in the spool.

-- True if this step is done, and where a DBA has partitioned the table.
select relkind = 'p' from pg_class where oid = to_regclass('llm_calls');

-- Ends with an error that says why, if the table has to stay as it is.
do $$
declare
    calls pg_class;
    place text;
    why text;
begin
    select * into calls from pg_class where oid = to_regclass('llm_calls');
    place := calls.relnamespace::regnamespace;
    if calls.relkind = 'p' then
        return;
    end if;
    if not pg_has_role(calls.relowner, 'usage') then
        raise exception using errcode = '42501', message = format(
            'the role %I does not own llm_calls; a DBA may let it: grant %s to %1$I', current_user, calls.relowner::regrole);
    end if;
    if not has_schema_privilege(calls.relnamespace, 'create') then
        raise exception using errcode = '42501', message = format(
            'the role %I may not make tables; a DBA may let it: grant create on schema %s to %1$I', current_user, place);
    end if;
    select string_agg(distinct reason, ', ' order by reason) into why from (
        select case user_of.relkind when 'v' then 'view ' when 'm' then 'materialized view ' else 'rule ' || rule.rulename || ' of ' end
               || user_of.oid::regclass as reason
          from pg_depend on_it join pg_rewrite rule on rule.oid = on_it.objid join pg_class user_of on user_of.oid = rule.ev_class
         where on_it.classid = 'pg_rewrite'::regclass and on_it.refclassid = 'pg_class'::regclass and on_it.refobjid = calls.oid
        union all
        select pg_describe_object(on_it.classid, on_it.objid, 0) from pg_depend on_it
         where on_it.classid = 'pg_proc'::regclass
           and (on_it.refclassid = 'pg_class'::regclass and on_it.refobjid = calls.oid
                or on_it.refclassid = 'pg_type'::regclass and on_it.refobjid = calls.reltype)
        union all
        select 'foreign key ' || conname || ' of ' || conrelid::regclass from pg_constraint
         where contype = 'f' and calls.oid in (conrelid, confrelid)
        union all
        select 'publication ' || pubname from pg_publication_tables
         where schemaname = (select nspname from pg_namespace where oid = calls.relnamespace) and tablename = 'llm_calls'
        union all
        select 'inheritance of ' || inhrelid::regclass || ' from ' || inhparent::regclass from pg_inherits
         where calls.oid in (inhrelid, inhparent)
        union all
        select 'unique index ' || indexrelid::regclass || ' without started_at' from pg_index
         where indrelid = calls.oid and (indisunique or indisexclusion) and not indisprimary
           and (indexprs is not null or indisexclusion or not exists (
                select from pg_attribute where attrelid = calls.oid and attname = 'started_at'
                   and attnum = any ((indkey::int2[])[0:indnkeyatts - 1])))
        union all
        select 'invalid index ' || indexrelid::regclass from pg_index
         where indrelid = calls.oid and not indisvalid and indexrelid is distinct from to_regclass('llm_calls_key')
        union all
        select 'constraint ' || conname || ', which is not valid' from pg_constraint
         where conrelid = calls.oid and not convalidated and conname not like 'llm@_calls@_before@_%' escape '@'
        union all
        select 'trigger ' || tgname || ' for each row with a transition table' from pg_trigger
         where tgrelid = calls.oid and not tgisinternal and tgtype & 1 = 1 and (tgoldtable is not null or tgnewtable is not null)
        union all
        select 'identity column ' || attname from pg_attribute where attrelid = calls.oid and attidentity <> ''
        union all
        select 'replica identity by an index' where calls.relreplident = 'i'
        union all
        select 'unlogged table' where calls.relpersistence <> 'p'
        union all
        select 'table ' || other from unnest(array['llm_calls_first', 'llm_calls_default', 'llm_calls_beyond']) other
         where to_regclass(place || '.' || other) is not null
           and (other = 'llm_calls_beyond'
                and obj_description(to_regclass(place || '.' || other), 'pg_class') like 'Tokentally%') is not true) reasons;
    if why is not null then
        raise exception using errcode = 'TK001', message = 'these stand in the way: ' || why;
    end if;
end $$;

-- Drops the incomplete index of an interrupted run.
do $$ begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    if exists (select from pg_index where indexrelid = to_regclass('llm_calls_key') and not indisvalid) then
        perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';
        lock table llm_calls in share update exclusive mode;
        perform set_config('lock_timeout', '200ms', true);
        drop index llm_calls_key;
    end if;
end $$;

create unique index concurrently if not exists llm_calls_key on llm_calls (tenant_id, started_at, id);

-- The primary key from that index.
do $$
declare
    old text;
begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    select conname into old from pg_constraint where conrelid = to_regclass('llm_calls') and contype = 'p';
    if old is distinct from 'llm_calls_key' then
        perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';
        lock table llm_calls in share update exclusive mode;
        perform set_config('lock_timeout', '200ms', true);
        if old is not null then
            execute format('alter table llm_calls drop constraint %I', old);
        end if;
        alter table llm_calls add constraint llm_calls_key primary key using index llm_calls_key;
    end if;
end $$;

-- The bound of the first partition: the end of the coming month, or later if many calls are said to begin after it.
do $$
declare
    bound timestamp := date_trunc('month', now() at time zone 'UTC') + interval '2 months';
    latest timestamp := bound + interval '5 years';
    old text;
begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    select conname into old from pg_constraint where conrelid = to_regclass('llm_calls') and conname like 'llm@_calls@_before@_%' escape '@';
    if old is null or to_timestamp(right(old, 7), 'YYYY_MM') < to_timestamp(to_char(bound, 'YYYY_MM'), 'YYYY_MM') then
        while (select count(*) from (select from llm_calls where started_at >= bound at time zone 'UTC' limit 10001) beyond) > 10000 loop
            bound := bound + interval '1 month';
            if bound > latest then
                raise exception using errcode = 'TK001', message =
                    'these stand in the way: more than 10000 calls that begin after ' || to_char(latest, 'YYYY-MM-DD');
            end if;
        end loop;
        perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';
        lock table llm_calls in share update exclusive mode;
        perform set_config('lock_timeout', '200ms', true);
        if old is not null then
            execute format('alter table llm_calls drop constraint %I', old);
        end if;
        execute format('alter table llm_calls add constraint %I check (started_at < timestamptz %L) not valid',
            'llm_calls_before_' || to_char(bound, 'YYYY_MM'), to_char(bound, 'YYYY-MM-DD') || ' 00:00:00+00');
    end if;
end $$;

-- Rows beyond the bound wait in a table of their own until the exchange.
do $$
declare
    place text := (select relnamespace::regnamespace from pg_class where oid = to_regclass('llm_calls'));
    bound timestamptz;
    stored text;
begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    perform set_config('lock_timeout', '200ms', true);
    select to_date(right(conname, 7), 'YYYY_MM')::timestamp at time zone 'UTC' into strict bound from pg_constraint
     where conrelid = to_regclass('llm_calls') and conname like 'llm@_calls@_before@_%' escape '@';
    if exists (select from llm_calls where started_at >= bound) then
        select string_agg(quote_ident(attname), ', ') into stored from pg_attribute
         where attrelid = to_regclass('llm_calls') and attnum > 0 and not attisdropped and attgenerated = '';
        if (obj_description(to_regclass(place || '.llm_calls_beyond'), 'pg_class') like 'Tokentally%') is not true then
            execute format('create table %s.llm_calls_beyond as select %s from llm_calls with no data', place, stored);
            execute format('comment on table %s.llm_calls_beyond is %L', place,
                'Tokentally keeps calls here until llm_calls is partitioned');
        end if;
        execute format('with moved as (delete from llm_calls where started_at >= $1 returning %s)
            insert into %s.llm_calls_beyond (%1$s) select %1$s from moved', stored, place) using bound;
    end if;
end $$;

-- Reads the whole table, while calls are recorded.
do $$ begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    execute (select format('alter table llm_calls validate constraint %I', conname) from pg_constraint
        where conrelid = to_regclass('llm_calls') and conname like 'llm@_calls@_before@_%' escape '@');
end $$;

-- The exchange.
do $$
declare
    calls pg_class;
    place text;
    new_owner text;
    options text;
    bound date;
    bound_check text;
    stored text;
    note text;
    indexes text[];
    after_attach text[];
    policies text[];
    grants text[];
    index_names text[];
    trigger_names text[];
    one text;
begin
    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
        return;
    end if;
    perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';
    lock table llm_calls in share update exclusive mode;
    perform set_config('lock_timeout', '200ms', true);
    lock table llm_calls in access exclusive mode;
    select * into strict calls from pg_class where oid = to_regclass('llm_calls');
    place := calls.relnamespace::regnamespace;
    new_owner := calls.relowner::regrole;
    options := ' with (' || array_to_string(calls.reloptions, ', ') || ')';
    note := obj_description(calls.oid, 'pg_class');
    select conname, to_date(right(conname, 7), 'YYYY_MM') into strict bound_check, bound from pg_constraint
     where conrelid = calls.oid and conname like 'llm@_calls@_before@_%' escape '@' and convalidated;
    -- The definitions name llm_calls, which is the partitioned table once they are run.
    select array_agg(pg_get_indexdef(indexrelid)), array_agg(relname::text) into indexes, index_names
      from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = calls.oid and not indisprimary;
    select array_agg(format('comment on index %s.%I is %L', place, relname, obj_description(indexrelid, 'pg_class')))
      into after_attach from pg_index join pg_class on pg_class.oid = indexrelid
     where indrelid = calls.oid and not indisprimary and obj_description(indexrelid, 'pg_class') is not null;
    select array_agg(tgname::text), after_attach || array_agg(pg_get_triggerdef(oid) order by tgname)
           || array_agg(format('alter table %s.llm_calls %s trigger %I', place, case tgenabled
               when 'D' then 'disable' when 'R' then 'enable replica' when 'A' then 'enable always' else 'enable' end, tgname))
           || coalesce(array_agg(format('comment on trigger %I on %s.llm_calls is %L', tgname, place, obj_description(oid, 'pg_trigger')))
               filter (where obj_description(oid, 'pg_trigger') is not null), '{}')
      into trigger_names, after_attach from pg_trigger where tgrelid = calls.oid and not tgisinternal;
    select array_agg(format('create policy %I on %s.llm_calls as %s for %s to %s', polname, place,
               case when polpermissive then 'permissive' else 'restrictive' end,
               case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
               (select string_agg(case one_role when 0 then 'public' else one_role::regrole::text end, ', ') from unnest(polroles) one_role))
           || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
           || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', ''))
      into policies from pg_policy where polrelid = calls.oid;
    select array_agg(format('grant %s%s on %s.llm_calls to %s', privilege_type, columns, place,
               case grantee when 0 then 'public' else grantee::regrole::text end)
           || case when is_grantable then ' with grant option' else '' end)
      into grants from (
        select acl.privilege_type, '' as columns, acl.grantee, acl.is_grantable from aclexplode(calls.relacl) acl
        union all
        select acl.privilege_type, format(' (%I)', attname), acl.grantee, acl.is_grantable
          from pg_attribute, aclexplode(attacl) acl where attrelid = calls.oid and attnum > 0 and not attisdropped) given
     where grantee <> calls.relowner;
    foreach one in array coalesce(trigger_names, '{}') loop
        -- A change by a statement that names the first partition is marked, too, see 5_rollups.sql.
        if one not like 'tokentally@_marks@_%' escape '@' then
            execute format('drop trigger %I on %s.llm_calls', one, place);
        end if;
    end loop;
    execute format('alter table %s.llm_calls rename to llm_calls_first', place);
    execute format('alter table %s.llm_calls_first rename constraint llm_calls_key to llm_calls_first_pk', place);
    foreach one in array coalesce(index_names, '{}') loop
        execute format('alter index %s.%I rename to %I', place, one,
            case when octet_length(one) <= 57 and to_regclass(format('%s.%I', place, one || '_first')) is null then one || '_first'
                 else 'llm_calls_first_' || to_regclass(format('%s.%I', place, one))::oid end);
    end loop;
    execute format('create table %s.llm_calls (like %1$s.llm_calls_first including defaults including constraints
        including comments including generated including storage including statistics) partition by range (started_at)', place);
    execute format('alter table %s.llm_calls drop constraint %I', place, bound_check);
    execute format('alter table %s.llm_calls add constraint llm_calls_pk primary key (tenant_id, started_at, id)', place);
    if calls.reltablespace <> 0 then
        execute format('alter table %s.llm_calls set tablespace %I', place,
            (select spcname from pg_tablespace where oid = calls.reltablespace));
    end if;
    foreach one in array coalesce(indexes, '{}') loop
        execute one;
    end loop;
    execute format('alter table %s.llm_calls attach partition %1$s.llm_calls_first for values from (minvalue) to (%L)', place,
        to_char(bound, 'YYYY-MM-DD') || ' 00:00:00+00');
    execute format('alter table %s.llm_calls_first drop constraint %I', place, bound_check);
    execute format('create table %s.llm_calls_default partition of %1$s.llm_calls default', place) || coalesce(options, '');
    -- The file 4_months.sql reads the month.
    execute format('comment on table %s.llm_calls_default is %L', place,
        'Tokentally makes the months of llm_calls, from ' || to_char(bound, 'YYYY-MM') || ' on');
    execute format('comment on table %s.llm_calls_first is %L', place, 'Calls before ' || to_char(bound, 'YYYY-MM'));
    if note is not null then
        execute format('comment on table %s.llm_calls is %L', place, note);
    end if;
    foreach one in array coalesce(after_attach, '{}') || coalesce(policies, '{}') loop
        execute one;
    end loop;
    if calls.relreplident in ('f', 'n') then
        foreach one in array array['llm_calls', 'llm_calls_default'] loop
            execute format('alter table %s.%I replica identity %s', place, one,
                case calls.relreplident when 'f' then 'full' else 'nothing' end);
        end loop;
    end if;
    if obj_description(to_regclass(place || '.llm_calls_beyond'), 'pg_class') like 'Tokentally%' then
        select string_agg(quote_ident(attname), ', ') into stored from pg_attribute
         where attrelid = calls.oid and attnum > 0 and not attisdropped and attgenerated = '';
        -- A call that was repeated meanwhile is there already.
        execute format('insert into %s.llm_calls (%s) select %2$s from %1$s.llm_calls_beyond on conflict do nothing', place, stored);
        execute format('drop table %s.llm_calls_beyond', place);
        -- An erasure that has looked at the table meanwhile looks at it again.
        if to_regclass('tokentally_erasures') is not null then
            update tokentally_erasures set round = round + 1 where state <> 'done';
        end if;
    end if;
    if calls.relrowsecurity then
        execute format('alter table %s.llm_calls enable row level security', place);
    end if;
    if calls.relforcerowsecurity then
        execute format('alter table %s.llm_calls force row level security', place);
    end if;
    if calls.relacl is not null then
        execute (select format('revoke all on %s.llm_calls from public', place)
            || coalesce(string_agg(', ' || grantee::regrole, '') filter (where grantee not in (0, relowner)), '')
            from pg_class left join aclexplode(relacl) on true where pg_class.oid = to_regclass(place || '.llm_calls')
            group by relowner);
    end if;
    foreach one in array coalesce(grants, '{}') loop
        execute one;
    end loop;
    execute format('alter table %s.llm_calls_default owner to %s', place, new_owner);
    execute format('alter table %s.llm_calls owner to %s', place, new_owner);
end $$;

-- Autovacuum does not do this for a partitioned table.
analyze llm_calls;
