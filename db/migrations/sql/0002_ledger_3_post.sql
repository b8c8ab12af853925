-- Posting: one call writes one transaction of the books, its entries, its audit row and the balances it moves.
--
-- The two functions that write (book here, resolve in the next file) are long and flat on purpose: PL/pgSQL prepares
-- every expression and every call anew in each database transaction, and that was more than half of what a posting
-- cost (docs/benchmarks.md). Accounts are looked up one by one: that has one good plan, whatever the tables hold.

-- Why a balance did not take a change of what is available: always raises.
create function ledger.refuse_move(p_account bigint, p_change bigint) returns void language plpgsql as $$
declare
    v_balance ledger.balance;
    v_code text;
begin
    select * into strict v_balance from ledger.balance where account_id = p_account;
    select code into strict v_code from ledger.account where id = p_account;
    if v_balance.closed then
        raise exception 'account % is closed', v_code using errcode = 'BL005';
    end if;
    raise exception 'account % has % available, % asked (% minor units)', v_code,
        v_balance.posted - v_balance.held - v_balance.floor, -p_change, v_balance.currency using errcode = 'BL001';
end
$$;

-- Moves what several pairs move, account by account in the order of ids: a change of what is available, posted or held.
-- An account named several times moves once, by the sum; a change of null moves nothing.
create function ledger.move_balances(
    p_accounts bigint[], p_changes bigint[], p_layer ledger.layer, p_obeys boolean
) returns void language plpgsql as $$
declare
    v_moved record;
begin
    for v_moved in
        select id, sum(change)::bigint as change from unnest(p_accounts, p_changes) as moved (id, change)
        where change is not null group by id order by id
    loop
        update ledger.balance set version = version + 1,
            posted = case p_layer when 'posted' then posted + v_moved.change else posted end,
            held = case p_layer when 'posted' then held else held - v_moved.change end
        where account_id = v_moved.id and not (closed and p_obeys)
            and (posted - held + v_moved.change >= floor) is not false;
        if not found then
            perform ledger.refuse_move(v_moved.id, v_moved.change);
        end if;
    end loop;
end
$$;

-- A fact is booked whatever the balance: what a floored account cannot bear moves to its receivable, the last debits
-- first, and a person gets a case. Locks all checked accounts of the posting, in id order, so the sums hold.
-- Returns the entries as they are to be booked.
create function ledger.spare_floors(
    p_organization uuid, p_transaction uuid, p_key text, p_kind text, p_currency text, p_entries jsonb
) returns jsonb language plpgsql as $$
declare
    v_short record;
    v_left bigint;
    v_part bigint;
    v_debits text[];
    v_credits text[];
    v_amounts bigint[];
    v_account ledger.account;
    v_floored boolean := false;
    v_accounts bigint[] := '{}';
    v_changes bigint[] := '{}';
    v_receivable text;
begin
    select array_agg(e ->> 'debit' order by n), array_agg(e ->> 'credit' order by n),
        array_agg((e ->> 'amount')::bigint order by n)
    into v_debits, v_credits, v_amounts
    from jsonb_array_elements(p_entries) with ordinality as entry (e, n);
    for i in 1 .. cardinality(v_amounts) loop
        v_account := ledger.account_of(p_organization, p_currency, v_debits[i], p_entries);
        v_floored := v_floored or v_account.floor is not null;
        v_accounts := v_accounts || v_account.id;
        v_account := ledger.account_of(p_organization, p_currency, v_credits[i], p_entries);
        v_accounts := v_accounts || v_account.id;
        v_changes := v_changes || -v_amounts[i] || v_amounts[i];
    end loop;
    if not v_floored then
        return p_entries;
    end if;
    perform from ledger.balance where account_id = any (v_accounts) order by account_id for update;
    for v_short in
        select b.account_id, a.code, b.floor - (b.posted - b.held + sum(moved.change))::bigint as amount
        from unnest(v_accounts, v_changes) as moved (id, change)
        join ledger.balance b on b.account_id = moved.id
        join ledger.account a on a.id = moved.id
        where b.floor is not null
        group by b.account_id, a.code
        having b.posted - b.held + sum(moved.change) < b.floor
        order by b.account_id
    loop
        v_left := v_short.amount;
        v_receivable := 'receivable:' || v_short.code;
        for i in reverse cardinality(v_amounts) .. 1 loop
            continue when v_debits[i] <> v_short.code or v_left = 0;
            if v_credits[i] = v_receivable then
                raise exception 'collecting a receivable is our own will, not a fact' using errcode = 'BL006';
            end if;
            v_part := least(v_left, v_amounts[i]);
            v_left := v_left - v_part;
            if v_part = v_amounts[i] then
                v_debits[i] := v_receivable;
            else
                v_amounts[i] := v_amounts[i] - v_part;
                v_debits := v_debits || v_receivable;
                v_credits := v_credits || v_credits[i];
                v_amounts := v_amounts || v_part;
            end if;
        end loop;
        perform public.open_case(p_organization, 'receivable', 'ledger_account', v_short.account_id::text,
            'A fact took more from ' || v_short.code || ' than it had.',
            jsonb_build_object('transaction_id', p_transaction, 'account', v_short.code, 'amount', v_short.amount,
                'currency', p_currency, 'key', p_key, 'kind', p_kind));
    end loop;
    return (select jsonb_agg(jsonb_build_object('debit', debit, 'credit', credit, 'amount', amount) order by n)
        from unnest(v_debits, v_credits, v_amounts) with ordinality as entry (debit, credit, amount, n));
end
$$;

-- Books [{debit, credit, amount}] under a key, once, in the layer that the operation says: post and fact post, hold
-- holds for an owner. A twin waits at the insert for the first to commit, and gets its id.
create function ledger.book(
    p_organization uuid, p_key text, p_operation ledger.operation, p_kind text, p_currency text, p_entries jsonb,
    p_effective_date date, p_description text, p_owner_kind text, p_owner_id uuid
) returns uuid language plpgsql as $$
declare
    v_id uuid := uuidv7();
    -- the xid is taken before the instant: who has a later xid was recorded later
    v_xid xid8 := pg_current_xact_id();
    v_at timestamptz := clock_timestamp();
    v_layer ledger.layer := case p_operation when 'hold' then 'held'::ledger.layer else 'posted'::ledger.layer end;
    v_hash bytea;
    v_entries jsonb := p_entries;
    v_count integer;
    v_entry jsonb;
    v_amount bigint;
    v_debit bigint;
    v_credit bigint;
    v_closed text;
    v_opened boolean := false;
    v_told jsonb := '[]';
    -- a pair's accounts in the order of ids, and what each moves; null where it does not (deferred, or gains what is held)
    v_first bigint;
    v_first_change bigint;
    v_second bigint;
    v_second_change bigint;
    -- the same of several pairs
    v_accounts bigint[];
    v_changes bigint[];
    v_audited bigint;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the posting belongs to another organization' using errcode = 'BL007';
    end if;
    if (length(p_key) between 1 and 200 and length(p_kind) between 1 and 80 and p_description is not null
        and p_effective_date is not null and ledger.well_formed(p_entries)) is not true then
        raise exception 'a posting needs a key, a kind, a description, an effective date and 1 to 1000 entries: '
            'a debit account, another credit account and a whole positive amount' using errcode = 'BL006';
    end if;
    v_hash := sha256(convert_to(jsonb_build_array(p_operation, p_kind, p_description, p_effective_date, p_currency,
        p_entries, p_owner_kind, p_owner_id)::text, 'UTF8'));
    insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, effective_date,
        recorded_at, xid)
    values (v_id, p_organization, p_key, v_hash, p_operation, p_kind, p_description, p_effective_date, v_at, v_xid)
    on conflict (organization_id, key) do nothing;
    if not found then
        return ledger.repeated(p_organization, p_key, v_hash);
    end if;
    if p_operation = 'hold' then
        insert into ledger.hold (id, organization_id, owner_kind, owner_id, currency, amount)
        values (v_id, p_organization, p_owner_kind::ledger.owner_kind, p_owner_id, p_currency,
            (select sum((e ->> 'amount')::bigint) from jsonb_array_elements(p_entries) as e));
    elsif p_operation = 'fact' then
        v_entries := ledger.spare_floors(p_organization, v_id, p_key, p_kind, p_currency, p_entries);
    end if;

    v_count := jsonb_array_length(v_entries);
    for i in 1 .. v_count loop
        v_entry := v_entries -> i - 1;
        v_amount := (v_entry -> 'amount')::bigint;
        loop
            -- posted: both sides move, towards their normal side or against it. held: what would lose by it holds it.
            select d.id, c.id, case when d.closed_at is not null then d.code when c.closed_at is not null then c.code end,
                least(d.id, c.id), case when d.id < c.id then debit.change else credit.change end,
                greatest(d.id, c.id), case when d.id < c.id then credit.change else debit.change end
            into v_debit, v_credit, v_closed, v_first, v_first_change, v_second, v_second_change
            from ledger.account d, ledger.account c,
                lateral (select case when d.mode = 'deferred' then null
                    when v_layer = 'posted' then case d.normal when 'debit' then v_amount else -v_amount end
                    when d.normal = 'credit' then -v_amount end as change) as debit,
                lateral (select case when c.mode = 'deferred' then null
                    when v_layer = 'posted' then case c.normal when 'credit' then v_amount else -v_amount end
                    when c.normal = 'debit' then -v_amount end as change) as credit
            where d.organization_id = p_organization and d.code = v_entry ->> 'debit' and d.currency = p_currency
                and c.organization_id = p_organization and c.code = v_entry ->> 'credit' and c.currency = p_currency;
            exit when found;
            if v_opened then
                raise exception 'the accounts were opened by a transaction that this one does not see'
                    using errcode = '40001';
            end if;
            perform ledger.open_accounts(p_organization, p_currency, ledger.codes_of(v_entries));
            v_opened := true;
        end loop;
        if v_closed is not null and p_operation <> 'fact' then
            raise exception 'account % is closed', v_closed using errcode = 'BL005';
        end if;
        insert into ledger.entry (transaction_id, n, organization_id, debit_account, credit_account, currency, layer,
            amount, effective_date, recorded_at, xid)
        values (v_id, i, p_organization, v_debit, v_credit, p_currency, v_layer, v_amount, p_effective_date, v_at, v_xid);
        v_told := v_told || ledger.told_entry(v_entry ->> 'debit', v_entry ->> 'credit', v_amount, p_currency, v_layer,
            false);
        if v_count > 1 then
            v_accounts := v_accounts || v_first || v_second;
            v_changes := v_changes || v_first_change || v_second_change;
        end if;
    end loop;
    v_audited := audit.write(p_organization, null, 'ledger.' || p_operation, 'ledger_transaction', v_id::text,
        ledger.told(p_key, p_kind, p_description, null, p_effective_date, v_at, v_told));

    -- last of all, because others wait for these rows, and in the order of account ids
    if v_count > 1 then
        perform ledger.move_balances(v_accounts, v_changes, v_layer, p_operation <> 'fact');
        return v_id;
    end if;
    for i in 1 .. 2 loop
        if v_first_change is not null then
            update ledger.balance set version = version + 1,
                posted = case v_layer when 'posted' then posted + v_first_change else posted end,
                held = case v_layer when 'posted' then held else held - v_first_change end
            where account_id = v_first and not (closed and p_operation <> 'fact')
                and (posted - held + v_first_change >= floor) is not false;
            if not found then
                perform ledger.refuse_move(v_first, v_first_change);
            end if;
        end if;
        v_first := v_second;
        v_first_change := v_second_change;
    end loop;
    return v_id;
end
$$;

-- Books [{debit, credit, amount}] under a key, once; the same key again gives the same id.
-- Own will obeys floors and closed accounts. A fact (something a rail reports) is always booked.
create function ledger.post(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_description text default '', p_fact boolean default false
) returns uuid language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
    return ledger.book(p_organization, p_key, case when p_fact then 'fact'::ledger.operation else 'post'::ledger.operation end,
        p_kind, p_currency, p_entries, p_effective_date, p_description, null, null);
end
$$;
