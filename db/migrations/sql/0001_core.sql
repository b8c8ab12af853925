-- Roles, row-level security for tables of an organization, the business clock and cases.

do $$
begin
    if not exists (select from pg_roles where rolname = 'bursar_system') then
        create role bursar_system nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'bursar_app') then
        create role bursar_app login;
    end if;
    grant bursar_system to bursar_app with inherit false, set true;
exception
    -- roles belong to the whole server: another database's migration may have made them this instant
    when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to bursar_app, bursar_system;

create function public.current_organization() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('bursar.organization_id', true), '')::uuid;

-- Row-level security, forced: the application's role sees its unit of work's organization, loops that
-- cross organizations take the role bursar_system, and the owner (functions, migrations) sees all.
create function public.protect_organization_table(p_table text, p_grants text default 'select, insert, update')
    returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', p_table::regclass);
    execute format('alter table %s force row level security', p_table::regclass);
    execute format(
        'create policy of_organization on %s to bursar_app using (organization_id = public.current_organization()) '
        'with check (organization_id = public.current_organization())', p_table::regclass);
    execute format('create policy of_system on %s to bursar_system using (true) with check (true)', p_table::regclass);
    execute format('create policy of_owner on %s to %I using (true) with check (true)', p_table::regclass, current_user);
    execute format('grant %s on %s to bursar_app, bursar_system', p_grants, p_table::regclass);
end
$$;

create function public.business_now() returns timestamptz
    language sql volatile as $$
    select clock_timestamp() + ahead from public.business_clock;
$$;

-- Moving the clock: sandbox mode only (the table refuses an offset otherwise), never backwards.
create function public.advance_business_clock(p_to timestamptz) returns timestamptz
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    update public.business_clock set ahead = greatest(ahead, p_to - clock_timestamp());
    return public.business_now();
end
$$;

-- A case for a person. An open one of the same kind and subject is kept, and the new evidence is added to it.
create function public.open_case(
    p_organization uuid, p_kind text, p_subject_kind text, p_subject_id text, p_summary text, p_evidence jsonb
) returns uuid language plpgsql as $$
declare
    v_id uuid;
begin
    insert into public.case_file (id, organization_id, kind, subject_kind, subject_id, summary, evidence)
    values (uuidv7(), p_organization, p_kind, p_subject_kind, p_subject_id, p_summary, jsonb_build_array(p_evidence))
    on conflict (organization_id, kind, subject_kind, subject_id) where state = 'open'
    do update set evidence = case
        when case_file.evidence @> jsonb_build_array(p_evidence) then case_file.evidence
        else case_file.evidence || jsonb_build_array(p_evidence) end
    returning id into v_id;
    return v_id;
end
$$;

-- Token bucket: null when a token was taken, else the seconds until the next one.
create function public.take_token(p_bucket text, p_capacity numeric, p_per_second numeric) returns numeric
    language plpgsql as $$
declare
    v_left numeric;
    v_now timestamptz := clock_timestamp();
begin
    insert into public.rate_limit_bucket as b (bucket, tokens, refilled_at)
    values (p_bucket, p_capacity - 1, v_now)
    on conflict (bucket) do update set
        tokens = least(p_capacity, b.tokens + extract(epoch from v_now - b.refilled_at) * p_per_second) - 1,
        refilled_at = v_now
    returning tokens into v_left;
    if v_left >= 0 then
        return null;
    end if;
    update public.rate_limit_bucket set tokens = tokens + 1 where bucket = p_bucket;
    return ceil(-v_left / p_per_second);
end
$$;
