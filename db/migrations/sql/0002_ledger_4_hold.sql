-- Holds: an intention takes from what is available, then is posted (whole or in parts) or voided, exactly once.

-- Holds [{debit, credit, amount}] for a money call or a reservation. Obeys floors and closed accounts.
create function ledger.hold(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_owner_kind text, p_owner_id uuid, p_description text default ''
) returns uuid language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    if p_owner_kind is null or p_owner_kind not in ('money_call', 'reservation') or p_owner_id is null then
        raise exception 'a hold belongs to a money call or a reservation' using errcode = 'BL006';
    end if;
    return ledger.book(p_organization, p_key, 'hold', p_kind, p_currency, p_entries, p_effective_date, p_description,
        p_owner_kind, p_owner_id);
end
$$;

-- Resolves a hold: posts p_amount of it and releases the rest or leaves it open (p_release_rest). Locks the hold, then
-- balances. It cannot fail on a floor or a closed account: what is available never gets less by it.
-- p_amount null means all that is still held. A hold of several entries is resolved whole.
-- Each entry of the hold is taken back (sides swapped) and, as far as posted, posted.
create function ledger.resolve(
    p_organization uuid, p_hold uuid, p_key text, p_effective_date date, p_operation ledger.operation, p_amount bigint,
    p_release_rest boolean
) returns uuid language plpgsql as $$
declare
    v_id uuid := uuidv7();
    v_xid xid8;
    v_at timestamptz;
    v_hold ledger.hold;
    v_kind text;
    v_hash bytea;
    v_held bigint;
    v_post bigint;
    v_taken bigint;
    v_entry record;
    v_debit text;
    v_debit_sign bigint;
    v_credit text;
    v_credit_sign bigint;
    v_n integer := 0;
    v_part bigint;
    v_part_taken bigint;
    v_told jsonb := '[]';
    v_accounts bigint[] := '{}';
    v_changes bigint[] := '{}';
    v_holds bigint[] := '{}';
    v_audited bigint;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the hold belongs to another organization' using errcode = 'BL007';
    end if;
    select * into v_hold from ledger.hold where id = p_hold and organization_id = p_organization for update;
    if not found then
        raise exception 'there is no such hold' using errcode = 'BL006';
    end if;
    if (length(p_key) between 1 and 200 and p_effective_date is not null) is not true then
        raise exception 'a posting needs a key and an effective date' using errcode = 'BL006';
    end if;
    -- the xid is taken before the instant: who has a later xid was recorded later
    v_xid := pg_current_xact_id();
    v_at := clock_timestamp();
    v_hash := sha256(convert_to(jsonb_build_array(p_operation, p_hold, p_effective_date, p_amount, p_release_rest)::text,
        'UTF8'));
    insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, resolves,
        effective_date, recorded_at, xid)
    select v_id, p_organization, p_key, v_hash, p_operation, held.kind, '', p_hold, p_effective_date, v_at, v_xid
    from ledger.transaction held where held.id = p_hold
    on conflict (organization_id, key) do nothing
    returning kind into v_kind;
    if not found then
        return ledger.repeated(p_organization, p_key, v_hash);
    end if;
    if v_hold.state <> 'open' then
        raise exception 'the hold is already %', v_hold.state using errcode = 'BL004';
    end if;
    v_held := v_hold.amount - v_hold.posted - v_hold.released;
    v_post := coalesce(p_amount, v_held);
    if v_post > v_held or v_post < 0 or (v_post = 0 and p_operation = 'post_hold') then
        raise exception 'a part of a hold is more than nothing and at most what is still held' using errcode = 'BL006';
    end if;
    v_taken := case when p_release_rest then v_held else v_post end;
    update ledger.hold set posted = posted + v_post, released = released + v_taken - v_post,
        state = case when v_taken < v_held then 'open' when posted + v_post = 0 then 'voided' else 'posted' end
    where id = p_hold;

    for v_entry in
        select amount, debit_account, credit_account from ledger.entry where transaction_id = p_hold order by n
    loop
        -- a sign is 1 where posting moves a checked account towards its normal side, -1 against it; null: deferred
        select d.code, case when d.mode = 'checked' then case d.normal when 'debit' then 1 else -1 end end,
            c.code, case when c.mode = 'checked' then case c.normal when 'credit' then 1 else -1 end end
        into strict v_debit, v_debit_sign, v_credit, v_credit_sign
        from ledger.account d, ledger.account c
        where d.id = v_entry.debit_account and c.id = v_entry.credit_account;
        v_part := v_post;
        v_part_taken := v_taken;
        if v_entry.amount < v_hold.amount then
            -- one of several entries: all of it or nothing
            if v_post not in (0, v_hold.amount) or v_taken <> v_hold.amount then
                raise exception 'a hold of several entries is resolved whole' using errcode = 'BL006';
            end if;
            v_part := case v_post when 0 then 0 else v_entry.amount end;
            v_part_taken := v_entry.amount;
        end if;
        insert into ledger.entry (transaction_id, n, organization_id, debit_account, credit_account, currency, layer,
            releases, amount, effective_date, recorded_at, xid)
        select v_id, v_n + part.n, p_organization, part.debit, part.credit, v_hold.currency, part.layer, part.releases,
            part.amount, p_effective_date, v_at, v_xid
        from (values (1, v_entry.credit_account, v_entry.debit_account, 'held'::ledger.layer, true, v_part_taken),
            (2, v_entry.debit_account, v_entry.credit_account, 'posted', false, v_part))
            as part (n, debit, credit, layer, releases, amount)
        where part.amount > 0;
        v_n := v_n + case v_part when 0 then 1 else 2 end;
        v_told := v_told
            || ledger.told_entry(v_credit, v_debit, v_part_taken, v_hold.currency, 'held', true)
            || case v_part when 0 then '[]'
                else ledger.told_entry(v_debit, v_credit, v_part, v_hold.currency, 'posted', false) end;
        v_accounts := v_accounts || v_entry.debit_account || v_entry.credit_account;
        v_changes := v_changes || v_debit_sign * v_part || v_credit_sign * v_part;
        v_holds := v_holds || case v_debit_sign when -1 then -v_part_taken else 0 end
            || case v_credit_sign when -1 then -v_part_taken else 0 end;
    end loop;
    v_audited := audit.write(p_organization, null, 'ledger.' || p_operation, 'ledger_transaction', v_id::text,
        ledger.told(p_key, v_kind, '', p_hold, p_effective_date, v_at, v_told));

    -- last of all, because others wait for these rows, and in the order of account ids
    select array_agg(id order by id), array_agg(change order by id), array_agg(hold order by id)
    into v_accounts, v_changes, v_holds
    from (select id, sum(change)::bigint as change, sum(hold)::bigint as hold
        from unnest(v_accounts, v_changes, v_holds) as moved (id, change, hold)
        where change is not null group by id having sum(change) <> 0 or sum(hold) <> 0) as summed;
    for i in 1 .. coalesce(cardinality(v_accounts), 0) loop
        update ledger.balance
        set posted = posted + v_changes[i], held = held + v_holds[i], version = version + 1
        where account_id = v_accounts[i];
    end loop;
    return v_id;
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
