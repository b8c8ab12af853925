-- The dates of a recurring authorization may be moved, with notice: `schedule_from` is the first date by which periods are
-- counted from then on. What was agreed stays as it is, and a period that is planned (and announced) does not move.

alter table public.ach_authorization add column if not exists schedule_from date;
alter table public.ach_notice drop constraint ck_ach_notice_kind;
alter table public.ach_notice add constraint ck_ach_notice_kind
    check (kind in ('copy', 'charge', 'amount_changed', 'date_changed', 'receipt', 'statement'));

create function public.ach_schedule_guard() returns trigger language plpgsql as $$
begin
    if new.schedule_from is not distinct from old.schedule_from then
        if new.next_period < old.next_period then
            raise exception 'periods are planned once' using errcode = 'BZ001';
        end if;
        return new;
    end if;
    if new.kind <> 'recurring' or new.schedule_from is null or new.schedule_from < new.starts_on
        or new.schedule_from > coalesce(new.ends_on, 'infinity') then
        raise exception 'a changed date is within what was authorized' using errcode = 'BZ001';
    end if;
    if exists (select from public.ach_authorization_period
        where authorization_id = new.id and period_on >= new.schedule_from) then
        raise exception 'a period that is planned does not move' using errcode = 'BZ001';
    end if;
    return new;
end
$$;
create trigger ach_schedule_guard before update on public.ach_authorization
    for each row execute function public.ach_schedule_guard();

-- As in 0012, without the rule that the guard above keeps now.
create or replace function public.ach_authorization_guard() returns trigger language plpgsql as $$
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
    if new.ended_at is not null and new.retain_until is distinct from
        ((new.ended_at at time zone 'America/New_York')::date + interval '5 years')::date then
        raise exception 'an authorization is kept for five years after its end' using errcode = 'BZ001';
    end if;
    return new;
end
$$;
