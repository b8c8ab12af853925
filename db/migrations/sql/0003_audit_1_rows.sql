-- Audit rows: who changed what, written in the transaction that changes it, each with a digest of its own content.

create schema audit;
grant usage on schema audit to bursar_app, bursar_system;

-- organization_id null: the system itself.
create table audit.entry (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    xid xid8 not null,
    organization_id uuid,
    actor text not null,
    action text not null,
    subject_kind text not null,
    subject_id text not null,
    request_id text,
    detail jsonb not null,
    digest bytea not null
);
create index entry_xid on audit.entry (xid, id);
create index entry_subject on audit.entry (organization_id, subject_kind, subject_id);

-- Sealed rows: position in a block, and sha256(hash of the row before || digest of this one).
create table audit.seal (
    entry_id bigint primary key,
    block bigint not null,
    position integer not null,
    hash bytea not null,
    unique (block, position)
);

-- A block seals every row with from_xid <= xid < to_xid. Its hash covers its rows and this header; the next block
-- starts from it.
create table audit.block (
    number bigint primary key check (number > 0),
    from_xid xid8 not null,
    to_xid xid8 not null,
    first_entry bigint not null,
    last_entry bigint not null,
    count integer not null check (count > 0),
    previous bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null,
    check (from_xid < to_xid)
);
grant select on audit.seal, audit.block to bursar_system;

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is never changed', tg_table_schema, tg_table_name using errcode = 'BL009';
end
$$;
create trigger kept before update or delete or truncate on audit.entry
    for each statement execute function audit.refuse_change();
create trigger kept before update or delete or truncate on audit.seal
    for each statement execute function audit.refuse_change();
create trigger kept before update or delete or truncate on audit.block
    for each statement execute function audit.refuse_change();

-- Everything a row says, in a form that no session setting changes. Both are called stable, as their parts are, although
-- they are immutable: only so does PostgreSQL take them into the statement that asks instead of calling them.
create function audit.digest(
    p_id bigint, p_at timestamptz, p_xid xid8, p_organization uuid, p_actor text, p_action text, p_subject_kind text,
    p_subject_id text, p_request text, p_detail jsonb
) returns bytea language sql stable
    return sha256(convert_to(jsonb_build_array(p_id, extract(epoch from p_at), p_xid::text, p_organization, p_actor,
        p_action, p_subject_kind, p_subject_id, p_request, p_detail)::text, 'UTF8'));

create function audit.digest_of(p audit.entry) returns bytea language sql stable
    return audit.digest(p.id, p.at, p.xid, p.organization_id, p.actor, p.action, p.subject_kind, p.subject_id,
        p.request_id, p.detail);

-- Internal: what the server's other functions call. A null actor is the unit of work's.
create function audit.write(
    p_organization uuid, p_actor text, p_action text, p_subject_kind text, p_subject_id text, p_detail jsonb
) returns bigint language plpgsql as $$
declare
    v_id bigint := nextval('audit.entry_id_seq');
    v_at timestamptz := clock_timestamp();
    v_actor text := coalesce(p_actor, nullif(current_setting('bursar.actor', true), ''), 'system');
    v_request text := nullif(current_setting('bursar.request_id', true), '');
    v_detail jsonb := coalesce(p_detail, '{}');
begin
    insert into audit.entry (id, at, xid, organization_id, actor, action, subject_kind, subject_id, request_id, detail,
        digest)
    overriding system value
    values (v_id, v_at, pg_current_xact_id(), p_organization, v_actor, p_action, p_subject_kind, p_subject_id, v_request,
        v_detail, audit.digest(v_id, v_at, pg_current_xact_id(), p_organization, v_actor, p_action, p_subject_kind,
            p_subject_id, v_request, v_detail));
    return v_id;
end
$$;

-- Writes one audit row for the unit of work's organization (null outside of one: the system's own) and returns its id.
create function audit.append(
    p_organization uuid, p_actor text, p_action text, p_subject_kind text, p_subject_id text, p_detail jsonb
) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_current uuid := public.current_organization();
begin
    if p_organization <> v_current then
        raise exception 'the audit row belongs to another organization' using errcode = 'BL007';
    end if;
    return audit.write(coalesce(p_organization, v_current), p_actor, p_action, p_subject_kind, p_subject_id, p_detail);
end
$$;
