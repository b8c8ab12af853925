-- An attempt goes on while its money call does; which attempt it is never changes. SQLSTATE BR001.
create or replace function public.payout_attempt_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.organization_id, new.holding_id, new.ordinal, new.kind, new.method_id, new.created_at)
            is distinct from
            (old.id, old.organization_id, old.holding_id, old.ordinal, old.kind, old.method_id, old.created_at)
            or new.stops < old.stops
            or old.paid_at is not null and new.paid_at is distinct from old.paid_at then
            raise exception 'an attempt stays what it is' using errcode = 'BR001';
        end if;
        return new;
    end if;
    if not exists (select from public.payout_holding h join public.report r on r.id = h.report_id
        where h.id = new.holding_id and h.state = 'sending' and h.attempt = new.ordinal
            and h.method_id = new.method_id and r.state = 'reimbursing') then
        raise exception 'a payout is tried only while it is being sent' using errcode = 'BR001';
    end if;
    return new;
end
$$;
