-- Balances: now, as of a past instant, by effective date; closing. Readers run with the caller's rights.
-- A range of xids is always given both ends, and plans are generic: the planner knows nothing of the order of xid8 and
-- would take an open range for a third of the table.

-- Above every xid.
create function ledger.no_xid() returns xid8 language sql immutable parallel safe return '18446744073709551615'::xid8;

-- A checked account's balance stands in its row; a deferred one's is the folded value plus the rows after the watermark.
-- An account that the chart knows and nobody used has nothing.
create function ledger.balance_now(p_organization uuid, p_code text, p_currency text, out posted bigint, out held bigint)
    language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_account ledger.account;
begin
    select * into v_account from ledger.account a
    where a.organization_id = p_organization and a.code = p_code and a.currency = p_currency;
    if not found then
        perform ledger.rule_for(p_code);
        posted := 0;
        held := 0;
    elsif v_account.mode = 'checked' then
        select b.posted, b.held into strict posted, held from ledger.balance b where b.account_id = v_account.id;
    else
        select coalesce(sum(part.posted), 0), coalesce(sum(part.held), 0) into posted, held
        from (select f.posted, f.held from ledger.folded f where f.account_id = v_account.id
            union all
            select case l.layer when 'posted' then l.amount else 0 end, l.hold_change from ledger.line l
            where l.account_id = v_account.id and l.xid >= (select watermark from ledger.fold_state)
                and l.xid < ledger.no_xid()) as part;
    end if;
end
$$;

-- What may still be taken: posted minus held.
create function ledger.available(p_organization uuid, p_code text, p_currency text) returns bigint
    language sql stable
    return (select posted - held from ledger.balance_now(p_organization, p_code, p_currency));

-- The balance as the books stood at an instant, by recording time: the last checkpoint before it plus the rows
-- recorded from there to the instant. Exact once everything recorded before the instant has committed.
create function ledger.balance_as_of(
    p_organization uuid, p_code text, p_currency text, p_at timestamptz, out posted bigint, out held bigint
) language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_account bigint;
    v_before ledger.checkpoint;
    v_ceiling xid8;
begin
    select id into v_account from ledger.account a
    where a.organization_id = p_organization and a.code = p_code and a.currency = p_currency;
    if not found then
        perform ledger.rule_for(p_code);
    end if;
    select * into v_before from ledger.checkpoint c
    where c.account_id = v_account and c.taken_at <= p_at order by c.taken_at desc limit 1;
    select c.ceiling into v_ceiling from ledger.checkpoint c
    where c.account_id = v_account and c.taken_at >= p_at order by c.taken_at limit 1;
    select coalesce(v_before.posted, 0) + coalesce(sum(l.amount) filter (where l.layer = 'posted'), 0),
        coalesce(v_before.held, 0) + coalesce(sum(l.hold_change), 0)
    into posted, held
    from ledger.line l
    where l.account_id = v_account and l.recorded_at <= p_at and l.xid >= coalesce(v_before.watermark, '0')
        and l.xid < coalesce(v_ceiling, ledger.no_xid());
end
$$;

-- The posted balance at the end of an effective date, back-dated postings included.
create function ledger.balance_on(p_organization uuid, p_code text, p_currency text, p_date date) returns bigint
    language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_account bigint;
    v_posted bigint;
begin
    select id into v_account from ledger.account a
    where a.organization_id = p_organization and a.code = p_code and a.currency = p_currency;
    if not found then
        perform ledger.rule_for(p_code);
    end if;
    select coalesce(sum(part.posted), 0) into v_posted
    from (select d.posted from ledger.folded_day d where d.account_id = v_account and d.effective_date <= p_date
        union all
        select l.amount from ledger.line l
        where l.account_id = v_account and l.layer = 'posted' and l.effective_date <= p_date
            and l.xid >= (select watermark from ledger.fold_state) and l.xid < ledger.no_xid()) as part;
    return v_posted;
end
$$;

-- Closes an account to postings of our own will; facts and the resolving of holds still pass.
-- Waits for postings under way on a checked account. Closing again changes nothing.
create function ledger.close_account(p_organization uuid, p_code text, p_currency text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_account bigint;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the account belongs to another organization' using errcode = 'BL007';
    end if;
    perform ledger.open_accounts(p_organization, p_currency, array[p_code]);
    select id into strict v_account from ledger.account
    where organization_id = p_organization and code = p_code and currency = p_currency;
    update ledger.balance set closed = true, version = version + 1 where account_id = v_account and not closed;
    update ledger.account set closed_at = clock_timestamp() where id = v_account and closed_at is null;
    if found then
        perform audit.write(p_organization, null, 'ledger.close_account', 'ledger_account', v_account::text,
            jsonb_build_object('account', p_code, 'currency', p_currency));
    end if;
end
$$;
