-- Takes an idempotency key for this transaction: whether it is ours now. One whose time is over counts as never used.
-- Whoever claims it in another transaction is waited for briefly, here only: the rest of the request waits as ever.
create function public.claim_idempotency_key(
    p_organization uuid, p_key text, p_path text, p_request_hmac bytea, p_keep interval
) returns boolean language plpgsql set lock_timeout = '2s' as $$
begin
    insert into public.idempotency_key as standing (organization_id, key, path, request_hmac, created_at, expires_at)
    values (p_organization, p_key, p_path, p_request_hmac, clock_timestamp(), clock_timestamp() + p_keep)
    on conflict (organization_id, key) do update set path = excluded.path, request_hmac = excluded.request_hmac,
        status = null, response = null, created_at = excluded.created_at, expires_at = excluded.expires_at
    where standing.expires_at < clock_timestamp();
    return found;
end
$$;
