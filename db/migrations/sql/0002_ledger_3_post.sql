-- Posting: one call writes one transaction of the books, its entries, its audit row and the balances it moves.

-- Writes pairs of account codes as entries of one layer.
create function ledger.write_pairs(
    p_begun ledger.begun, p_organization uuid, p_currency text, p_effective_date date, p_layer text,
    p_pairs ledger.pairs
) returns void language plpgsql as $$
begin
    insert into ledger.entry (transaction_id, n, organization_id, debit_account, credit_account, currency, layer,
        amount, effective_date, recorded_at, xid)
    select p_begun.id, pair.n, p_organization, d.id, c.id, p_currency, p_layer, pair.amount, p_effective_date,
        p_begun.recorded_at, p_begun.xid
    from unnest(p_pairs.debits, p_pairs.credits, p_pairs.amounts) with ordinality as pair (debit, credit, amount, n)
    join ledger.account d on d.organization_id = p_organization and d.code = pair.debit and d.currency = p_currency
    join ledger.account c on c.organization_id = p_organization and c.code = pair.credit and c.currency = p_currency;
end
$$;

-- What follows from a transaction's entries: its audit row, then the balances of checked accounts in id order, never
-- a lock on a deferred one. Balances come last: their rows are what others wait for.
-- p_obeys: the posting is our own will and meets floors and closed accounts.
create function ledger.finish(p_transaction uuid, p_obeys boolean) returns void language plpgsql as $$
declare
    v_moved record;
    v_balance ledger.balance;
begin
    perform audit.write(t.organization_id, null, 'ledger.' || t.operation, 'ledger_transaction', t.id::text,
        jsonb_build_object('key', t.key, 'kind', t.kind, 'effective_date', t.effective_date, 'resolves', t.resolves,
            'entries', ledger.entries_of(t.id)))
    from ledger.transaction t where t.id = p_transaction;
    for v_moved in
        select a.id, a.code, a.mode, a.closed_at, sum(l.hold_change)::bigint as hold_change,
            coalesce(sum(l.amount) filter (where l.layer = 'posted'), 0)::bigint as change
        from ledger.line l join ledger.account a on a.id = l.account_id
        where l.transaction_id = p_transaction
        group by a.id order by a.id
    loop
        if p_obeys and v_moved.closed_at is not null then
            raise exception 'account % is closed', v_moved.code using errcode = 'BL005';
        end if;
        continue when v_moved.mode = 'deferred' or (v_moved.change = 0 and v_moved.hold_change = 0);
        update ledger.balance
        set posted = posted + v_moved.change, held = held + v_moved.hold_change, version = version + 1
        where account_id = v_moved.id and not (p_obeys and closed)
            and (floor is null or posted + v_moved.change - held - v_moved.hold_change >= floor);
        if not found then
            select * into strict v_balance from ledger.balance where account_id = v_moved.id;
            if p_obeys and v_balance.closed then
                raise exception 'account % is closed', v_moved.code using errcode = 'BL005';
            end if;
            raise exception 'account % has % available, % asked (% minor units)', v_moved.code,
                v_balance.posted - v_balance.held - v_balance.floor, v_moved.hold_change - v_moved.change,
                v_balance.currency using errcode = 'BL001';
        end if;
    end loop;
end
$$;

-- A fact is booked whatever the balance: what a floored account cannot bear moves to its receivable, the last debits
-- first, and a person gets a case. Locks all checked accounts of the posting, in id order, so the sums hold.
create function ledger.spare_floors(
    p_organization uuid, p_transaction uuid, p_key text, p_kind text, p_currency text, p_pairs ledger.pairs
) returns ledger.pairs language plpgsql as $$
declare
    v_short record;
    v_left bigint;
    v_part bigint;
begin
    perform from ledger.balance b join ledger.account a on a.id = b.account_id
    where a.organization_id = p_organization and a.currency = p_currency
        and a.code = any (p_pairs.debits || p_pairs.credits)
    order by b.account_id for update of b;
    for v_short in
        select b.account_id, a.code, b.floor - (b.posted - b.held + sum(side.change))::bigint as amount
        from (select unnest(p_pairs.debits) as code, -unnest(p_pairs.amounts) as change
            union all select unnest(p_pairs.credits), unnest(p_pairs.amounts)) as side
        join ledger.account a
            on a.organization_id = p_organization and a.code = side.code and a.currency = p_currency
        join ledger.balance b on b.account_id = a.id
        where b.floor is not null
        group by b.account_id, a.code
        having b.posted - b.held + sum(side.change) < b.floor
        order by b.account_id
    loop
        v_left := v_short.amount;
        for i in reverse array_length(p_pairs.debits, 1) .. 1 loop
            continue when p_pairs.debits[i] <> v_short.code or v_left = 0;
            if p_pairs.credits[i] = 'receivable:' || v_short.code then
                raise exception 'collecting a receivable is our own will, not a fact' using errcode = 'BL006';
            end if;
            v_part := least(v_left, p_pairs.amounts[i]);
            v_left := v_left - v_part;
            if v_part = p_pairs.amounts[i] then
                p_pairs.debits[i] := 'receivable:' || v_short.code;
            else
                p_pairs.amounts[i] := p_pairs.amounts[i] - v_part;
                p_pairs.debits := p_pairs.debits || ('receivable:' || v_short.code);
                p_pairs.credits := p_pairs.credits || p_pairs.credits[i];
                p_pairs.amounts := p_pairs.amounts || v_part;
            end if;
        end loop;
        perform ledger.open_accounts(p_organization, p_currency, array['receivable:' || v_short.code]);
        perform public.open_case(p_organization, 'receivable', 'ledger_account', v_short.account_id::text,
            'A fact took more from ' || v_short.code || ' than it had.',
            jsonb_build_object('transaction_id', p_transaction, 'account', v_short.code, 'amount', v_short.amount,
                'currency', p_currency, 'key', p_key, 'kind', p_kind));
    end loop;
    return p_pairs;
end
$$;

-- Books [{debit, credit, amount}] under a key, once; the same key again gives the same id.
-- Own will obeys floors and closed accounts. A fact (something a rail reports) is always booked.
create function ledger.post(
    p_organization uuid, p_key text, p_kind text, p_currency text, p_entries jsonb, p_effective_date date,
    p_description text default '', p_fact boolean default false
) returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_pairs ledger.pairs;
    v_begun ledger.begun;
begin
    perform ledger.guard(p_organization);
    v_pairs := ledger.read_pairs(p_currency, p_entries);
    v_begun := ledger.begin_transaction(p_organization, p_key, jsonb_build_array(p_currency, p_entries),
        case when p_fact then 'fact' else 'post' end, p_kind, p_description, null, p_effective_date);
    if v_begun.repeated then
        return v_begun.id;
    end if;
    perform ledger.open_accounts(p_organization, p_currency, v_pairs.debits || v_pairs.credits);
    if p_fact then
        v_pairs := ledger.spare_floors(p_organization, v_begun.id, p_key, p_kind, p_currency, v_pairs);
    end if;
    perform ledger.write_pairs(v_begun, p_organization, p_currency, p_effective_date, 'posted', v_pairs);
    perform ledger.finish(v_begun.id, not p_fact);
    return v_begun.id;
end
$$;
