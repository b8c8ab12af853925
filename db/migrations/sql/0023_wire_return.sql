-- Only a wire that was paid can come back, and what is confirmed stays as it is. SQLSTATE BR001.
create function public.wire_return_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and (old.confirmed_at is not null
        or (new.id, new.organization_id, new.report_id, new.attempt_id)
            is distinct from (old.id, old.organization_id, old.report_id, old.attempt_id)) then
        raise exception 'a wire that came back stays what it is' using errcode = 'BR001';
    end if;
    if not exists (select from public.payout_attempt a join public.payout_holding h on h.id = a.holding_id
        where a.id = new.attempt_id and h.report_id = new.report_id and a.kind = 'wire' and a.paid_at is not null) then
        raise exception 'only a wire that was paid comes back' using errcode = 'BR001';
    end if;
    return new;
end
$$;
create trigger guard before insert or update or delete on public.wire_return
    for each row execute function public.wire_return_guard();

-- One line of the bank's statement is booked once, as a deposit or as a wire that came back. SQLSTATE 23505.
create function public.bank_line_guard() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('bank_line/' || new.bank_reference, 0));
    if tg_table_name = 'deposit' and exists (
            select from public.wire_return w where w.bank_reference = new.bank_reference)
        or tg_table_name = 'wire_return' and exists (
            select from public.deposit d where d.bank_reference = new.bank_reference) then
        raise exception 'this line of the bank is booked already' using errcode = 'unique_violation';
    end if;
    return new;
end
$$;
revoke all on function public.bank_line_guard() from public;
create trigger line_is_one_movement before insert or update on public.wire_return
    for each row execute function public.bank_line_guard();
create trigger line_is_one_movement before insert on public.deposit
    for each row execute function public.bank_line_guard();
