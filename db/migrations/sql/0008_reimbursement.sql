-- What an approval binds to does not change afterwards, and what was given back is never paid. SQLSTATE BR001.

create function public.report_guard() returns trigger language plpgsql as $$
begin
    if old.state in ('cancelled', 'reversed') and new.state <> old.state then
        raise exception 'a report that is % stays so', old.state using errcode = 'BR001';
    end if;
    if new.state = 'reimbursing' and old.state not in ('reimbursement_approved', 'reimbursing', 'reimbursed')
        or new.state = 'reimbursed' and old.state not in ('reimbursing', 'reimbursed')
        or new.state = 'reimbursement_approved' and old.state not in ('reimbursement_requested', 'reimbursement_approved')
    then
        raise exception 'a report that is % does not become %', old.state, new.state using errcode = 'BR001';
    end if;
    if old.state not in ('draft', 'submitted', 'reimbursement_requested', 'rejected') and (
        new.payee_id, new.method_id, new.currency, new.approved_by, new.approval_hash, new.holding_id)
        is distinct from (
        old.payee_id, old.method_id, old.currency, old.approved_by, old.approval_hash, old.holding_id) then
        raise exception 'what was approved is frozen' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger report_guard before update on public.report
    for each row execute function public.report_guard();

-- Amounts change in a draft only; the share lock makes a submission wait for an edit under way.
create function public.expense_guard() returns trigger language plpgsql as $$
declare
    v_state text;
begin
    select state into v_state from public.report where id = coalesce(new.report_id, old.report_id) for share;
    if tg_op = 'UPDATE' and (new.report_id, new.number, new.memo, new.description, new.spent_on, new.amount)
        is not distinct from (old.report_id, old.number, old.memo, old.description, old.spent_on, old.amount) then
        if v_state not in ('draft', 'submitted', 'reimbursement_requested', 'rejected') then
            raise exception 'an expense of a report that is % is frozen', v_state using errcode = 'BR001';
        end if;
    elsif v_state is distinct from 'draft' then
        raise exception 'an expense changes in a draft only' using errcode = 'BR001';
    end if;
    return coalesce(new, old);
end
$$;
create trigger expense_guard before insert or update or delete on public.expense
    for each row execute function public.expense_guard();

create function public.payout_holding_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if not exists (select from public.report
            where id = new.report_id and state = 'reimbursement_approved' and holding_id = new.id) then
            raise exception 'only an approved report is paid' using errcode = 'BR001';
        end if;
    elsif (new.id, new.report_id, new.amount, new.currency) is distinct from
        (old.id, old.report_id, old.amount, old.currency)
        or old.state in ('reversed', 'cancelled') and new.state <> old.state then
        raise exception 'a payout is frozen, and stays ended' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger payout_holding_guard before insert or update on public.payout_holding
    for each row execute function public.payout_holding_guard();

create function public.expense_payout_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if not exists (select from public.expense e join public.report r on r.id = e.report_id
            where e.id = new.expense_id and r.id = new.report_id and r.state = 'reimbursement_approved'
                and r.holding_id = new.holding_id and r.currency = new.currency
                and e.state = 'approved' and e.amount = -new.amount) then
            raise exception 'only an approved expense of an approved report is paid' using errcode = 'BR001';
        end if;
    elsif (new.report_id, new.holding_id, new.expense_id, new.amount, new.currency) is distinct from
        (old.report_id, old.holding_id, old.expense_id, old.amount, old.currency)
        or old.state in ('reversed', 'cancelled') and new.state <> old.state then
        raise exception 'an expense payout is frozen, and stays ended' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger expense_payout_guard before insert or update on public.expense_payout
    for each row execute function public.expense_payout_guard();

-- The holding is the sum of the report's expense payouts, whoever wrote them.
create function public.payout_sum() returns trigger language plpgsql as $$
begin
    if (select sum(-amount) from public.expense_payout where report_id = new.report_id) is distinct from
        (select amount::numeric from public.payout_holding where report_id = new.report_id) then
        raise exception 'a holding is the sum of its expense payouts' using errcode = 'BR001';
    end if;
    return null;
end
$$;
create constraint trigger payout_sum after insert on public.payout_holding
    deferrable initially deferred for each row execute function public.payout_sum();
create constraint trigger payout_sum after insert on public.expense_payout
    deferrable initially deferred for each row execute function public.payout_sum();

create function public.payout_attempt_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' or not exists (select from public.payout_holding h join public.report r on r.id = h.report_id
        where h.id = new.holding_id and h.state = 'sending' and h.attempt = new.ordinal
            and h.method_id = new.method_id and r.state = 'reimbursing') then
        raise exception 'a payout is tried only while it is being sent' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger payout_attempt_guard before insert or update on public.payout_attempt
    for each row execute function public.payout_attempt_guard();
