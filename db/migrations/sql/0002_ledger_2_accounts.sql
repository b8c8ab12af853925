-- What every posting does first: whose books, which pairs, which accounts, and the transaction under its key.
-- These are internal: only the functions of the next files call them.

-- The unit of work names its organization; another one's books are out of reach. Across organizations: bursar_system.
create function ledger.guard(p_organization uuid) returns void language plpgsql as $$
declare
    v_current uuid := public.current_organization();
begin
    if p_organization is null or v_current <> p_organization or (v_current is null
        and coalesce(nullif(current_setting('role'), 'none'), session_user) = 'bursar_app') then
        raise exception 'the posting belongs to another organization' using errcode = 'BL007';
    end if;
end
$$;

create type ledger.pairs as (debits text[], credits text[], amounts bigint[]);

-- [{debit, credit, amount}]: 1 to 1000 pairs of two account codes and a whole amount of 1 to 15 digits; nothing else.
create function ledger.read_pairs(p_currency text, p_entries jsonb) returns ledger.pairs language plpgsql as $$
declare
    v_pairs ledger.pairs;
    v_sound boolean;
begin
    if p_currency is null or p_currency !~ '^[A-Z]{3}$' then
        raise exception 'the currency is not an ISO 4217 code' using errcode = 'BL006';
    end if;
    if jsonb_typeof(p_entries) is distinct from 'array' or jsonb_array_length(p_entries) not between 1 and 1000 then
        raise exception 'a posting has between 1 and 1000 entries' using errcode = 'BL006';
    end if;
    select bool_and(
            jsonb_typeof(e) = 'object' and e - array['debit', 'credit', 'amount'] = '{}'
            and coalesce(jsonb_typeof(e -> 'debit') = 'string' and jsonb_typeof(e -> 'credit') = 'string'
                and jsonb_typeof(e -> 'amount') = 'number' and e ->> 'amount' ~ '^[1-9][0-9]{0,14}$'
                and e ->> 'debit' <> e ->> 'credit', false)),
        array_agg(e ->> 'debit' order by n), array_agg(e ->> 'credit' order by n),
        array_agg(case when e ->> 'amount' ~ '^[1-9][0-9]{0,14}$' then (e ->> 'amount')::bigint end order by n)
    into v_sound, v_pairs.debits, v_pairs.credits, v_pairs.amounts
    from (select case when jsonb_typeof(value) = 'object' then value else '{"no": 0}' end as e, ordinality as n
        from jsonb_array_elements(p_entries) with ordinality) as given;
    if not v_sound then
        raise exception 'an entry is a debit account, another credit account and a whole positive amount'
            using errcode = 'BL006';
    end if;
    return v_pairs;
end
$$;

-- Whether an account code is one of those that a pattern of the chart describes. What `**` stands for may be longer,
-- so that every account can have its receivable.
create function ledger.fits(p_code text, p_pattern text) returns boolean language sql immutable
    return length(p_code) <= case when p_pattern like '%**' then 250 else 200 end
        and p_code ~ ('^' || replace(replace(replace(p_pattern,
            '**', '[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)#'), '*', '[A-Za-z0-9_-]+'), '#', '*') || '$');

-- The chart's rule for a code: the pattern with most literal text wins.
create function ledger.rule_for(p_code text) returns ledger.chart language plpgsql stable as $$
declare
    v_rule ledger.chart;
begin
    select * into v_rule from ledger.chart where ledger.fits(p_code, pattern)
    order by length(replace(pattern, '*', '')) desc, pattern limit 1;
    if not found then
        raise exception 'the chart of accounts has no account like %', left(p_code, 250) using errcode = 'BL003';
    end if;
    return v_rule;
end
$$;

-- Opens what is missing among the codes, in code order (two postings opening the same accounts do not deadlock).
create function ledger.open_accounts(p_organization uuid, p_currency text, p_codes text[]) returns void
    language plpgsql as $$
declare
    v_code text;
    v_rule ledger.chart;
    v_id bigint;
begin
    for v_code in
        select distinct code from unnest(p_codes) as wanted (code)
        where not exists (select from ledger.account a
            where a.organization_id = p_organization and a.code = wanted.code and a.currency = p_currency)
        order by code
    loop
        v_rule := ledger.rule_for(v_code);
        if not exists (select from public.organization where id = p_organization) then
            raise exception 'there is no such organization' using errcode = 'BL007';
        end if;
        insert into ledger.account (organization_id, code, currency, normal, floor, mode)
        values (p_organization, v_code, p_currency, v_rule.normal, v_rule.floor, v_rule.mode)
        on conflict do nothing returning id into v_id;
        if v_id is not null and v_rule.mode = 'checked' then
            insert into ledger.balance (account_id, organization_id, currency, floor)
            values (v_id, p_organization, p_currency, v_rule.floor);
        end if;
    end loop;
end
$$;

create type ledger.begun as (id uuid, repeated boolean, xid xid8, recorded_at timestamptz);

-- The transaction under its key. A twin waits here for the first to commit and gets its id; other content is refused.
create function ledger.begin_transaction(
    p_organization uuid, p_key text, p_request jsonb, p_operation text, p_kind text, p_description text,
    p_resolves uuid, p_effective_date date
) returns ledger.begun language plpgsql as $$
declare
    v_begun ledger.begun;
    v_hash bytea := sha256(convert_to(jsonb_build_array(p_operation, p_kind, p_description, p_resolves,
        p_effective_date, p_request)::text, 'UTF8'));
    v_earlier ledger.transaction;
begin
    if p_key is null or length(p_key) not between 1 and 200 or p_kind is null or length(p_kind) not between 1 and 80
        or p_description is null or p_effective_date is null then
        raise exception 'a posting needs a key, a kind, a description and an effective date' using errcode = 'BL006';
    end if;
    v_begun.id := uuidv7();
    -- the xid first: whoever has a later xid was then recorded later (checkpoints rely on it)
    v_begun.xid := pg_current_xact_id();
    v_begun.recorded_at := clock_timestamp();
    v_begun.repeated := false;
    insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, resolves,
        effective_date, recorded_at, xid)
    values (v_begun.id, p_organization, p_key, v_hash, p_operation, p_kind, p_description, p_resolves,
        p_effective_date, v_begun.recorded_at, v_begun.xid)
    on conflict (organization_id, key) do nothing;
    if not found then
        select * into v_earlier from ledger.transaction where organization_id = p_organization and key = p_key;
        if v_earlier.request_hash <> v_hash then
            raise exception 'the key % was used for another posting', p_key using errcode = 'BL002';
        end if;
        v_begun.id := v_earlier.id;
        v_begun.repeated := true;
    end if;
    return v_begun;
end
$$;

-- A transaction's entries as its audit row shows them; `ledger check` compares the two.
create function ledger.entries_of(p_transaction uuid) returns jsonb language sql stable
    return (select jsonb_agg(jsonb_build_object('debit', d.code, 'credit', c.code, 'amount', e.amount, 'currency',
            e.currency, 'layer', case when e.releases then 'released' else e.layer end) order by e.n)
        from ledger.entry e
        join ledger.account d on d.id = e.debit_account
        join ledger.account c on c.id = e.credit_account
        where e.transaction_id = p_transaction);
