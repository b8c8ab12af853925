-- Authorizations: what the customer agreed to does not change, what has ended stays ended and is kept for five years,
-- a period is charged once. SQLSTATE BZ001.

create function public.ach_authorization_guard() returns trigger language plpgsql as $$
begin
    if (new.organization_id, new.merchant_id, new.customer_id, new.account_id, new.sec, new.basis, new.kind,
        new.amount_rule, new.amount_min, new.amount_max, new.currency, new.frequency, new.starts_on, new.ends_on,
        new.cancellation_terms, new.evidence_reference, new.evidence_hash)
        is distinct from
        (old.organization_id, old.merchant_id, old.customer_id, old.account_id, old.sec, old.basis, old.kind,
        old.amount_rule, old.amount_min, old.amount_max, old.currency, old.frequency, old.starts_on, old.ends_on,
        old.cancellation_terms, old.evidence_reference, old.evidence_hash) then
        raise exception 'what was authorized does not change' using errcode = 'BZ001';
    end if;
    if old.state in ('cancelled', 'revoked', 'ended')
        and (new.state, new.ended_at, new.retain_until) is distinct from (old.state, old.ended_at, old.retain_until)
    then
        raise exception 'an authorization that is % stays so', old.state using errcode = 'BZ001';
    end if;
    if new.next_period < old.next_period then
        raise exception 'periods are planned once' using errcode = 'BZ001';
    end if;
    if new.ended_at is not null and new.retain_until is distinct from
        ((new.ended_at at time zone 'America/New_York')::date + interval '5 years')::date then
        raise exception 'an authorization is kept for five years after its end' using errcode = 'BZ001';
    end if;
    return new;
end
$$;
create trigger ach_authorization_guard before update on public.ach_authorization
    for each row execute function public.ach_authorization_guard();

-- For every role, the owner too.
create function public.ach_authorization_kept() returns trigger language plpgsql as $$
declare
    v_today date := (public.business_now() at time zone 'America/New_York')::date;
begin
    if tg_op = 'TRUNCATE' then
        raise exception 'authorizations are kept' using errcode = 'BZ001';
    end if;
    if tg_table_name = 'ach_authorization' then
        if old.retain_until is null or old.retain_until >= v_today then
            raise exception 'an authorization is kept for five years after its end' using errcode = 'BZ001';
        end if;
    elsif exists (select from public.ach_authorization
        where id = old.authorization_id and (retain_until is null or retain_until >= v_today)) then
        raise exception 'the history of an authorization is kept as long as itself' using errcode = 'BZ001';
    end if;
    return old;
end
$$;
create trigger ach_authorization_kept before delete on public.ach_authorization
    for each row execute function public.ach_authorization_kept();
create trigger ach_authorization_not_emptied before truncate on public.ach_authorization
    for each statement execute function public.ach_authorization_kept();
create trigger ach_authorization_change_kept before delete on public.ach_authorization_change
    for each row execute function public.ach_authorization_kept();
create trigger ach_authorization_change_not_emptied before truncate on public.ach_authorization_change
    for each statement execute function public.ach_authorization_kept();
create trigger ach_authorization_period_kept before delete on public.ach_authorization_period
    for each row execute function public.ach_authorization_kept();
create trigger ach_notice_kept before delete on public.ach_notice
    for each row execute function public.ach_authorization_kept();

create function public.ach_authorization_period_guard() returns trigger language plpgsql as $$
begin
    if (new.authorization_id, new.period_on, new.charge_on, new.organization_id)
        is distinct from (old.authorization_id, old.period_on, old.charge_on, old.organization_id)
        or old.state = 'charged' and new.state not in ('charged', 'failed')
        or old.state = 'charged' and new.transaction_id is distinct from old.transaction_id then
        raise exception 'a period is charged once' using errcode = 'BZ001';
    end if;
    return new;
end
$$;
create trigger ach_authorization_period_guard before update on public.ach_authorization_period
    for each row execute function public.ach_authorization_period_guard();
