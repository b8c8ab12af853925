-- Posting: one call writes one transaction of the books, its entries, its audit row and the balances it moves.
-- Accounts are looked up one by one on purpose: that has one good plan, whatever the tables hold.

-- Writes one entry and returns it as the audit row shows it. A releasing entry names the hold's sides swapped.
create function ledger.write_entry(
    p_begun ledger.begun, p_n integer, p_debit ledger.account, p_credit ledger.account, p_amount bigint,
    p_layer ledger.layer, p_releases boolean default false
) returns jsonb language plpgsql as $$
begin
    insert into ledger.entry (transaction_id, n, organization_id, debit_account, credit_account, currency, layer,
        releases, amount, effective_date, recorded_at, xid)
    values (p_begun.id, p_n, p_begun.organization_id, p_debit.id, p_credit.id, p_debit.currency, p_layer, p_releases,
        p_amount, p_begun.effective_date, p_begun.recorded_at, p_begun.xid);
    return ledger.told_entry(p_debit.code, p_credit.code, p_amount, p_debit.currency, p_layer, p_releases);
end
$$;

-- What a transaction does to the balances of checked accounts: change of posted, change of held, account by account.
create type ledger.moves as (accounts bigint[], changes bigint[], holds bigint[]);

-- Adds a pair: p_posted moves both sides, each towards or against its normal side; p_held is (or, negative, is no longer)
-- held on the side that would lose by it.
create function ledger.add_move(
    p_moves ledger.moves, p_debit ledger.account, p_credit ledger.account, p_posted bigint, p_held bigint
) returns ledger.moves language plpgsql as $$
begin
    if p_debit.mode = 'checked' and (p_posted <> 0 or p_debit.normal = 'credit') then
        p_moves.accounts := p_moves.accounts || p_debit.id;
        p_moves.changes := p_moves.changes || case p_debit.normal when 'debit' then p_posted else -p_posted end;
        p_moves.holds := p_moves.holds || case p_debit.normal when 'debit' then 0 else p_held end;
    end if;
    if p_credit.mode = 'checked' and (p_posted <> 0 or p_credit.normal = 'debit') then
        p_moves.accounts := p_moves.accounts || p_credit.id;
        p_moves.changes := p_moves.changes || case p_credit.normal when 'credit' then p_posted else -p_posted end;
        p_moves.holds := p_moves.holds || case p_credit.normal when 'credit' then 0 else p_held end;
    end if;
    return p_moves;
end
$$;

-- Moves one balance, or says why not. p_obeys: our own will, which meets floors and closed accounts; what need not obey
-- never takes from what is available (facts were spared the floors before).
create function ledger.move_balance(p_account bigint, p_change bigint, p_hold bigint, p_obeys boolean) returns void
    language plpgsql as $$
declare
    v_balance ledger.balance;
    v_code text;
begin
    update ledger.balance set posted = posted + p_change, held = held + p_hold, version = version + 1
    where account_id = p_account and not (p_obeys and closed)
        and (floor is null or posted + p_change - held - p_hold >= floor);
    if found then
        return;
    end if;
    select * into strict v_balance from ledger.balance where account_id = p_account;
    select code into strict v_code from ledger.account where id = p_account;
    if v_balance.closed then
        raise exception 'account % is closed', v_code using errcode = 'BL005';
    end if;
    raise exception 'account % has % available, % asked (% minor units)', v_code,
        v_balance.posted - v_balance.held - v_balance.floor, p_hold - p_change, v_balance.currency
        using errcode = 'BL001';
end
$$;

-- What follows from the entries: the audit row, then (others wait for their rows) the balances in the order of account
-- ids. Returns the transaction's id.
create function ledger.finish(p_begun ledger.begun, p_entries jsonb, p_moves ledger.moves, p_obeys boolean)
    returns uuid language plpgsql as $$
declare
    v_moved record;
begin
    perform audit.write(p_begun.organization_id, null, 'ledger.' || p_begun.operation, 'ledger_transaction',
        p_begun.id::text, ledger.told(p_begun.key, p_begun.kind, p_begun.description, p_begun.resolves,
            p_begun.effective_date, p_begun.recorded_at, p_entries));
    if cardinality(p_moves.accounts) = 1 then
        perform ledger.move_balance(p_moves.accounts[1], p_moves.changes[1], p_moves.holds[1], p_obeys);
    else
        for v_moved in
            select id, sum(change)::bigint as change, sum(hold)::bigint as hold
            from unnest(p_moves.accounts, p_moves.changes, p_moves.holds) as moved (id, change, hold)
            group by id order by id
        loop
            perform ledger.move_balance(v_moved.id, v_moved.change, v_moved.hold, p_obeys);
        end loop;
    end if;
    return p_begun.id;
end
$$;

-- Writes pairs as entries of one layer and finishes the transaction. Returns its id.
create function ledger.write(
    p_begun ledger.begun, p_currency text, p_layer ledger.layer, p_pairs ledger.pairs, p_obeys boolean
) returns uuid language plpgsql as $$
declare
    v_debit ledger.account;
    v_credit ledger.account;
    v_amount bigint;
    v_told jsonb := '[]';
    v_moves ledger.moves;
begin
    for i in 1 .. cardinality(p_pairs.amounts) loop
        v_debit := ledger.account_of(p_begun.organization_id, p_currency, p_pairs.debits[i], p_pairs);
        v_credit := ledger.account_of(p_begun.organization_id, p_currency, p_pairs.credits[i], p_pairs);
        v_amount := p_pairs.amounts[i];
        if p_obeys and (v_debit.closed_at is not null or v_credit.closed_at is not null) then
            raise exception 'account % is closed',
                case when v_debit.closed_at is null then v_credit.code else v_debit.code end using errcode = 'BL005';
        end if;
        v_told := v_told || ledger.write_entry(p_begun, i, v_debit, v_credit, v_amount, p_layer);
        v_moves := ledger.add_move(v_moves, v_debit, v_credit, case p_layer when 'posted' then v_amount else 0 end,
            case p_layer when 'held' then v_amount else 0 end);
    end loop;
    return ledger.finish(p_begun, v_told, v_moves, p_obeys);
end
$$;

-- A fact is booked whatever the balance: what a floored account cannot bear moves to its receivable, the last debits
-- first, and a person gets a case. Locks all checked accounts of the posting, in id order, so the sums hold.
create function ledger.spare_floors(p_begun ledger.begun, p_currency text, p_pairs ledger.pairs)
    returns ledger.pairs language plpgsql as $$
declare
    v_short record;
    v_left bigint;
    v_part bigint;
    v_debit ledger.account;
    v_credit ledger.account;
    v_floored boolean := false;
    v_accounts bigint[] := '{}';
    v_changes bigint[] := '{}';
    v_receivable text;
begin
    for i in 1 .. cardinality(p_pairs.amounts) loop
        v_debit := ledger.account_of(p_begun.organization_id, p_currency, p_pairs.debits[i], p_pairs);
        v_credit := ledger.account_of(p_begun.organization_id, p_currency, p_pairs.credits[i], p_pairs);
        v_floored := v_floored or v_debit.floor is not null;
        v_accounts := v_accounts || v_debit.id || v_credit.id;
        v_changes := v_changes || -p_pairs.amounts[i] || p_pairs.amounts[i];
    end loop;
    if not v_floored then
        return p_pairs;
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
        for i in reverse cardinality(p_pairs.amounts) .. 1 loop
            continue when p_pairs.debits[i] <> v_short.code or v_left = 0;
            if p_pairs.credits[i] = v_receivable then
                raise exception 'collecting a receivable is our own will, not a fact' using errcode = 'BL006';
            end if;
            v_part := least(v_left, p_pairs.amounts[i]);
            v_left := v_left - v_part;
            if v_part = p_pairs.amounts[i] then
                p_pairs.debits[i] := v_receivable;
            else
                p_pairs.amounts[i] := p_pairs.amounts[i] - v_part;
                p_pairs.debits := p_pairs.debits || v_receivable;
                p_pairs.credits := p_pairs.credits || p_pairs.credits[i];
                p_pairs.amounts := p_pairs.amounts || v_part;
            end if;
        end loop;
        perform public.open_case(p_begun.organization_id, 'receivable', 'ledger_account', v_short.account_id::text,
            'A fact took more from ' || v_short.code || ' than it had.',
            jsonb_build_object('transaction_id', p_begun.id, 'account', v_short.code, 'amount', v_short.amount,
                'currency', p_currency, 'key', p_begun.key, 'kind', p_begun.kind));
    end loop;
    return p_pairs;
end
$$;

-- Books [{debit, credit, amount}] under a key, once; the same key again gives the same id.
-- Own will obeys floors and closed accounts. A fact (something a rail reports) is always booked.
create function ledger.post(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_description text default '', p_fact boolean default false
) returns uuid language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_pairs ledger.pairs := ledger.read_pairs(p_currency, p_entries);
    v_begun ledger.begun;
begin
    v_begun := ledger.begin_transaction(p_organization, p_key,
        case when p_fact then 'fact' else 'post' end::ledger.operation, p_kind, p_description, null, p_effective_date,
        jsonb_build_array(p_currency, p_entries));
    if v_begun.repeated then
        return v_begun.id;
    end if;
    if p_fact then
        v_pairs := ledger.spare_floors(v_begun, p_currency, v_pairs);
    end if;
    return ledger.write(v_begun, p_currency, 'posted', v_pairs, not p_fact);
end
$$;
