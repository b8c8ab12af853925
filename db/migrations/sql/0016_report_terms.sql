-- Who decides on a report, and what it comes to: kept by the database, whoever writes. SQLSTATE BR001.

create function public.report_terms_guard() returns trigger language plpgsql as $$
begin
    -- an author stays one: leaving the list would let them decide on what they wrote
    if not new.authors @> old.authors then
        raise exception 'a report keeps its authors' using errcode = 'BR001';
    end if;
    if new.maximum is distinct from old.maximum and old.state not in ('draft', 'submitted') then
        raise exception 'the maximum of a report that is % is frozen', old.state using errcode = 'BR001';
    end if;
    if new.approved_amount is distinct from old.approved_amount and old.state <> 'reimbursement_requested' then
        raise exception 'what was approved is frozen' using errcode = 'BR001';
    end if;
    -- what is taken out of the approver's limit and what is paid are the same money
    if new.state = 'reimbursement_approved' and old.state <> new.state and new.approved_amount is distinct from
        (select sum(amount) from public.expense where report_id = new.id and state = 'approved') then
        raise exception 'an approval is of the approved expenses' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger report_terms_guard before update on public.report
    for each row execute function public.report_terms_guard();

create function public.expense_terms_guard() returns trigger language plpgsql as $$
declare
    v_state text;
    v_authors uuid[];
begin
    select state, authors into v_state, v_authors from public.report where id = new.report_id;
    if tg_op = 'UPDATE' and (new.kind, new.distance, new.rate, new.rate_source) is distinct from
        (old.kind, old.distance, old.rate, old.rate_source) and v_state is distinct from 'draft' then
        raise exception 'kind, distance and rate change in a draft only' using errcode = 'BR001';
    end if;
    if new.approved_by = any (v_authors) then
        raise exception 'nobody approves their own expense' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger expense_terms_guard before insert or update on public.expense
    for each row execute function public.expense_terms_guard();

-- The share lock makes a submission wait for an upload under way.
create function public.receipt_guard() returns trigger language plpgsql as $$
declare
    v_state text;
begin
    if tg_op = 'UPDATE' then
        raise exception 'a receipt does not change' using errcode = 'BR001';
    end if;
    select r.state into v_state from public.expense e join public.report r on r.id = e.report_id
        where e.id = coalesce(new.expense_id, old.expense_id) for share of r;
    if v_state is distinct from 'draft' then
        raise exception 'receipts change in a draft only' using errcode = 'BR001';
    end if;
    return coalesce(new, old);
end
$$;
create trigger receipt_guard before insert or update or delete on public.receipt
    for each row execute function public.receipt_guard();

create function public.mileage_rate_guard() returns trigger language plpgsql as $$
begin
    raise exception 'a mileage rate does not change: set another from a later date' using errcode = 'BR001';
end
$$;
create trigger mileage_rate_guard before update or delete on public.mileage_rate
    for each row execute function public.mileage_rate_guard();
