-- Holds: an intention takes from what is available, then is posted (whole or in parts) or voided, exactly once.

-- Holds [{debit, credit, amount}] for a money call or a reservation. Obeys floors and closed accounts.
create function ledger.hold(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_owner_kind text, p_owner_id uuid, p_description text default ''
) returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_pairs ledger.pairs;
    v_begun ledger.begun;
begin
    perform ledger.guard(p_organization);
    v_pairs := ledger.read_pairs(p_currency, p_entries);
    if p_owner_kind is null or p_owner_kind not in ('money_call', 'reservation') or p_owner_id is null then
        raise exception 'a hold belongs to a money call or a reservation' using errcode = 'BL006';
    end if;
    v_begun := ledger.begin_transaction(p_organization, p_key,
        jsonb_build_array(p_currency, p_entries, p_owner_kind, p_owner_id), 'hold', p_kind, p_description, null,
        p_effective_date);
    if v_begun.repeated then
        return v_begun.id;
    end if;
    perform ledger.open_accounts(p_organization, p_currency, v_pairs.debits || v_pairs.credits);
    perform ledger.write_pairs(v_begun, p_organization, p_currency, p_effective_date, 'held', v_pairs);
    insert into ledger.hold (id, organization_id, owner_kind, owner_id, currency, amount)
    values (v_begun.id, p_organization, p_owner_kind, p_owner_id, p_currency,
        (select sum(amount) from unnest(v_pairs.amounts) as amount));
    perform ledger.finish(v_begun.id, true);
    return v_begun.id;
end
$$;

-- Resolves a hold: posts p_amount of it and releases the rest or leaves it open (p_release_rest). Locks the hold, then
-- balances. It cannot fail on a floor or a closed account: what is available never gets less by it.
-- p_amount null means all that is still held. A hold of several entries is resolved whole.
create function ledger.resolve(
    p_organization uuid, p_hold uuid, p_key text, p_effective_date date, p_operation text, p_amount bigint,
    p_release_rest boolean
) returns uuid language plpgsql as $$
declare
    v_hold ledger.hold;
    v_kind text;
    v_entries integer;
    v_begun ledger.begun;
    v_open bigint;
    v_post bigint;
    v_release bigint;
begin
    perform ledger.guard(p_organization);
    select * into v_hold from ledger.hold where id = p_hold and organization_id = p_organization for update;
    if not found then
        raise exception 'there is no such hold' using errcode = 'BL006';
    end if;
    select kind into strict v_kind from ledger.transaction where id = p_hold;
    v_begun := ledger.begin_transaction(p_organization, p_key, jsonb_build_array(p_amount, p_release_rest),
        p_operation, v_kind, '', p_hold, p_effective_date);
    if v_begun.repeated then
        return v_begun.id;
    end if;
    if v_hold.state <> 'open' then
        raise exception 'the hold is already %', v_hold.state using errcode = 'BL004';
    end if;
    v_open := v_hold.amount - v_hold.posted - v_hold.released;
    v_post := coalesce(p_amount, v_open);
    if v_post > v_open or v_post < 0 or (v_post = 0 and p_operation = 'post_hold') then
        raise exception 'a part of a hold is more than nothing and at most what is still held' using errcode = 'BL006';
    end if;
    select count(*) into v_entries from ledger.entry where transaction_id = p_hold;
    if v_entries > 1 and v_post not in (0, v_open) then
        raise exception 'a hold of several entries is posted whole' using errcode = 'BL006';
    end if;
    v_release := case when p_release_rest then v_open - v_post else 0 end;
    insert into ledger.entry (transaction_id, n, organization_id, debit_account, credit_account, currency, layer,
        releases, amount, effective_date, recorded_at, xid)
    select v_begun.id, e.n, e.organization_id, e.credit_account, e.debit_account, e.currency, 'held', true,
        case when v_entries > 1 then e.amount else v_post + v_release end, p_effective_date, v_begun.recorded_at,
        v_begun.xid
    from ledger.entry e where e.transaction_id = p_hold
    union all
    select v_begun.id, v_entries + e.n, e.organization_id, e.debit_account, e.credit_account, e.currency, 'posted',
        false, case when v_entries > 1 then e.amount else v_post end, p_effective_date, v_begun.recorded_at,
        v_begun.xid
    from ledger.entry e where e.transaction_id = p_hold and v_post > 0;
    update ledger.hold set posted = posted + v_post, released = released + v_release,
        state = case when v_post + v_release < v_open then 'open' when posted + v_post = 0 then 'voided' else 'posted' end
    where id = p_hold;
    perform ledger.finish(v_begun.id, false);
    return v_begun.id;
end
$$;

-- Confirms a hold, whole or (single entry only) in part; the rest is released or kept open.
create function ledger.post_hold(
    p_organization uuid, p_hold uuid, p_key text, p_effective_date date, p_amount bigint default null,
    p_release_rest boolean default true
) returns uuid language sql security definer set search_path = pg_catalog, pg_temp
    return ledger.resolve(p_organization, p_hold, p_key, p_effective_date, 'post_hold', p_amount, p_release_rest);

-- Releases all that a hold still holds.
create function ledger.void_hold(p_organization uuid, p_hold uuid, p_key text, p_effective_date date) returns uuid
    language sql security definer set search_path = pg_catalog, pg_temp
    return ledger.resolve(p_organization, p_hold, p_key, p_effective_date, 'void_hold', 0, true);
