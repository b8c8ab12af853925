-- Who asks with an API key, and whether now: no row for a key that nobody has, `refusal` for one that may not be used (any
-- more), else a token is taken from its bucket and `wait` says for how many seconds there is none. One call and one
-- transaction: every request begins with it. Its use is noted once a minute: a busy key must not write with every request.
create function public.admit_key(
    p_hash bytea, p_id uuid, p_live boolean, p_burst numeric, p_per_second numeric,
    out id uuid, out organization_id uuid, out operator_id uuid, out scopes text[], out family_id uuid, out provider_id uuid,
    out refusal text, out wait integer
) returns setof record language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_used timestamptz;
    v_now timestamptz := clock_timestamp();
begin
    if public.current_organization() is not null then
        raise exception 'a key is looked up before anybody knows whose it is';
    end if;
    select k.id, k.organization_id, k.operator_id, k.scopes, k.last_used_at, party.family_id, party.provider_id,
        case when k.live is distinct from p_live then 'wrong_environment'
            when k.revoked_at is not null then 'revoked'
            when k.expires_at <= v_now then 'expired'
            when operator.disabled_at is not null then 'operator_disabled' end
    into admit_key.id, admit_key.organization_id, admit_key.operator_id, admit_key.scopes, v_used,
        admit_key.family_id, admit_key.provider_id, admit_key.refusal
    from public.api_key as k
    join public.operator on operator.id = k.operator_id
    left join public.party_key as party on party.api_key_id = k.id
    where k.id = coalesce(p_id, (select known.id from public.api_key as known where known.hash = p_hash));
    if not found then
        return;
    end if;
    if admit_key.refusal is null then
        admit_key.wait := public.take_token('key/' || admit_key.id, p_burst, p_per_second);
        if v_used is null or v_used < v_now - interval '1 minute' then
            update public.api_key as k set last_used_at = v_now
            where k.id = admit_key.id and k.last_used_at is not distinct from v_used;
        end if;
    end if;
    return next;
end
$$;

revoke all on function public.admit_key(bytea, uuid, boolean, numeric, numeric) from public;
grant execute on function public.admit_key(bytea, uuid, boolean, numeric, numeric) to bursar_app;
