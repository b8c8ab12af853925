-- Holds: an intention takes from what is available, then is posted (whole or in parts) or voided, exactly once.

-- Holds [{debit, credit, amount}] for a money call or a reservation. Obeys floors and closed accounts.
create function ledger.hold(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_owner_kind text, p_owner_id uuid, p_description text default ''
) returns uuid language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_pairs ledger.pairs := ledger.read_pairs(p_currency, p_entries);
    v_begun ledger.begun;
    v_amount bigint := 0;
begin
    if p_owner_kind is null or p_owner_kind not in ('money_call', 'reservation') or p_owner_id is null then
        raise exception 'a hold belongs to a money call or a reservation' using errcode = 'BL006';
    end if;
    v_begun := ledger.begin_transaction(p_organization, p_key, 'hold', p_kind, p_description, null, p_effective_date,
        jsonb_build_array(p_currency, p_entries, p_owner_kind, p_owner_id));
    if v_begun.repeated then
        return v_begun.id;
    end if;
    for i in 1 .. cardinality(v_pairs.amounts) loop
        v_amount := v_amount + v_pairs.amounts[i];
    end loop;
    insert into ledger.hold (id, organization_id, owner_kind, owner_id, currency, amount)
    values (v_begun.id, p_organization, p_owner_kind::ledger.owner_kind, p_owner_id, p_currency, v_amount);
    return ledger.write(v_begun, p_currency, 'held', v_pairs, true);
end
$$;

-- Resolves a hold: posts p_amount of it and releases the rest or leaves it open (p_release_rest). Locks the hold, then
-- balances. It cannot fail on a floor or a closed account: what is available never gets less by it.
-- p_amount null means all that is still held. A hold of several entries is resolved whole.
create function ledger.resolve(
    p_organization uuid, p_hold uuid, p_key text, p_effective_date date, p_operation ledger.operation, p_amount bigint,
    p_release_rest boolean
) returns uuid language plpgsql as $$
declare
    v_hold ledger.hold;
    v_begun ledger.begun;
    v_held bigint;
    v_post bigint;
    v_release bigint;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the hold belongs to another organization' using errcode = 'BL007';
    end if;
    select * into v_hold from ledger.hold where id = p_hold and organization_id = p_organization for update;
    if not found then
        raise exception 'there is no such hold' using errcode = 'BL006';
    end if;
    v_begun := ledger.begin_transaction(p_organization, p_key, p_operation,
        (select kind from ledger.transaction where id = p_hold), '', p_hold, p_effective_date,
        jsonb_build_array(p_amount, p_release_rest));
    if v_begun.repeated then
        return v_begun.id;
    end if;
    if v_hold.state <> 'open' then
        raise exception 'the hold is already %', v_hold.state using errcode = 'BL004';
    end if;
    v_held := v_hold.amount - v_hold.posted - v_hold.released;
    v_post := coalesce(p_amount, v_held);
    if v_post > v_held or v_post < 0 or (v_post = 0 and p_operation = 'post_hold') then
        raise exception 'a part of a hold is more than nothing and at most what is still held' using errcode = 'BL006';
    end if;
    v_release := case when p_release_rest then v_held - v_post else 0 end;
    update ledger.hold set posted = posted + v_post, released = released + v_release,
        state = case when v_post + v_release < v_held then 'open' when posted + v_post = 0 then 'voided' else 'posted' end
    where id = p_hold;
    return ledger.write_resolution(v_begun, v_hold, v_post, v_release);
end
$$;

-- The entries of a resolution: each entry of the hold taken back (sides swapped) and, as far as posted, posted.
create function ledger.write_resolution(p_begun ledger.begun, p_hold ledger.hold, p_post bigint, p_release bigint)
    returns uuid language plpgsql as $$
declare
    v_entry ledger.entry;
    v_debit ledger.account;
    v_credit ledger.account;
    v_post bigint;
    v_release bigint;
    v_n integer := 0;
    v_told jsonb := '[]';
    v_moves ledger.moves;
begin
    for v_entry in select * from ledger.entry where transaction_id = p_hold.id order by n loop
        select * into strict v_debit from ledger.account where id = v_entry.debit_account;
        select * into strict v_credit from ledger.account where id = v_entry.credit_account;
        v_post := p_post;
        v_release := p_release;
        if v_entry.amount < p_hold.amount then
            -- one of several entries: all of it or nothing
            if p_post not in (0, p_hold.amount) or p_post + p_release <> p_hold.amount then
                raise exception 'a hold of several entries is resolved whole' using errcode = 'BL006';
            end if;
            v_post := case p_post when 0 then 0 else v_entry.amount end;
            v_release := v_entry.amount - v_post;
        end if;
        v_n := v_n + 1;
        v_told := v_told || ledger.write_entry(p_begun, v_n, v_credit, v_debit, v_post + v_release, 'held', true);
        if v_post > 0 then
            v_n := v_n + 1;
            v_told := v_told || ledger.write_entry(p_begun, v_n, v_debit, v_credit, v_post, 'posted');
        end if;
        v_moves := ledger.add_move(v_moves, v_debit, v_credit, v_post, -(v_post + v_release));
    end loop;
    return ledger.finish(p_begun, v_told, v_moves, false);
end
$$;

-- Confirms a hold, whole or (a hold of one entry only) in part; the rest is released or kept open.
create function ledger.post_hold(
    p_organization uuid, p_hold uuid, p_key text, p_effective_date date, p_amount bigint default null,
    p_release_rest boolean default true
) returns uuid language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    return ledger.resolve(p_organization, p_hold, p_key, p_effective_date, 'post_hold', p_amount, p_release_rest);
end
$$;

-- Releases all that a hold still holds.
create function ledger.void_hold(p_organization uuid, p_hold uuid, p_key text, p_effective_date date) returns uuid
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    return ledger.resolve(p_organization, p_hold, p_key, p_effective_date, 'void_hold', 0, true);
end
$$;
