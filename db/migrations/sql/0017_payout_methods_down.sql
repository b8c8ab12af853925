create or replace function public.payout_attempt_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' or not exists (select from public.payout_holding h join public.report r on r.id = h.report_id
        where h.id = new.holding_id and h.state = 'sending' and h.attempt = new.ordinal
            and h.method_id = new.method_id and r.state = 'reimbursing') then
        raise exception 'a payout is tried only while it is being sent' using errcode = 'BR001';
    end if;
    return new;
end
$$;
