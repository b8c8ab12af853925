-- What every posting does first: whose books, which pairs, which accounts, and the transaction under its key.
-- These are internal: only the functions of the next files call them.

-- Whether the books of an organization are out of reach: the unit of work names another one, or the application names
-- none (work across organizations takes the role bursar_system).
create function ledger.out_of_reach(p_organization uuid) returns boolean language sql stable
    return p_organization is null or coalesce(public.current_organization() <> p_organization,
        coalesce(nullif(current_setting('role'), 'none'), session_user) = 'bursar_app');

create type ledger.pairs as (debits text[], credits text[], amounts bigint[]);

-- [{debit, credit, amount}]: 1 to 1000 pairs of two account codes and a whole amount of 1 to 15 digits; nothing else.
create function ledger.read_pairs(p_currency text, p_entries jsonb) returns ledger.pairs language plpgsql as $$
declare
    v_pairs ledger.pairs;
    v_entry jsonb;
begin
    if p_currency is null or p_currency !~ '^[A-Z]{3}$' then
        raise exception 'the currency is not an ISO 4217 code' using errcode = 'BL006';
    end if;
    if jsonb_typeof(p_entries) is distinct from 'array' or jsonb_array_length(p_entries) not between 1 and 1000 then
        raise exception 'a posting has between 1 and 1000 entries' using errcode = 'BL006';
    end if;
    for i in 0 .. jsonb_array_length(p_entries) - 1 loop
        v_entry := p_entries -> i;
        if jsonb_typeof(v_entry) <> 'object' or v_entry - array['debit', 'credit', 'amount'] <> '{}'
            or jsonb_typeof(v_entry -> 'debit') is distinct from 'string'
            or jsonb_typeof(v_entry -> 'credit') is distinct from 'string'
            or jsonb_typeof(v_entry -> 'amount') is distinct from 'number'
            or v_entry ->> 'amount' !~ '^[1-9][0-9]{0,14}$' or v_entry -> 'debit' = v_entry -> 'credit' then
            raise exception 'an entry is a debit account, another credit account and a whole positive amount'
                using errcode = 'BL006';
        end if;
        v_pairs.debits := v_pairs.debits || (v_entry ->> 'debit');
        v_pairs.credits := v_pairs.credits || (v_entry ->> 'credit');
        v_pairs.amounts := v_pairs.amounts || (v_entry ->> 'amount')::bigint;
    end loop;
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
    if not exists (select from public.organization where id = p_organization) then
        raise exception 'there is no such organization' using errcode = 'BL007';
    end if;
    for v_code in select distinct code from unnest(p_codes) as code order by code loop
        continue when exists (select from ledger.account
            where organization_id = p_organization and code = v_code and currency = p_currency);
        v_rule := ledger.rule_for(v_code);
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

-- One of a posting's accounts; when it is missing, all that are missing among the posting's pairs are opened.
create function ledger.account_of(p_organization uuid, p_currency text, p_code text, p_pairs ledger.pairs)
    returns ledger.account language plpgsql as $$
declare
    v_account ledger.account;
begin
    select * into v_account from ledger.account
    where organization_id = p_organization and code = p_code and currency = p_currency;
    if not found then
        perform ledger.open_accounts(p_organization, p_currency, p_pairs.debits || p_pairs.credits);
        select * into strict v_account from ledger.account
        where organization_id = p_organization and code = p_code and currency = p_currency;
    end if;
    return v_account;
end
$$;

-- A transaction that has begun. The xid is taken before the instant: who has a later xid was recorded later.
create type ledger.begun as (
    id uuid, repeated boolean, organization_id uuid, key text, operation ledger.operation, kind text, description text,
    resolves uuid, effective_date date, xid xid8, recorded_at timestamptz
);

-- The transaction under its key. A twin waits here for the first to commit and gets its id; other content is refused.
-- p_request: what else the caller asked for, so that the same key with other content is noticed.
create function ledger.begin_transaction(
    p_organization uuid, p_key text, p_operation ledger.operation, p_kind text, p_description text, p_resolves uuid,
    p_effective_date date, p_request jsonb
) returns ledger.begun language plpgsql as $$
declare
    v_begun ledger.begun;
    v_hash bytea;
    v_earlier ledger.transaction;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the posting belongs to another organization' using errcode = 'BL007';
    end if;
    if (length(p_key) between 1 and 200 and length(p_kind) between 1 and 80 and p_description is not null
        and p_effective_date is not null) is not true then
        raise exception 'a posting needs a key, a kind, a description and an effective date' using errcode = 'BL006';
    end if;
    v_hash := sha256(convert_to(jsonb_build_array(p_operation, p_kind, p_description, p_resolves, p_effective_date,
        p_request)::text, 'UTF8'));
    v_begun := row(uuidv7(), false, p_organization, p_key, p_operation, p_kind, p_description, p_resolves,
        p_effective_date, pg_current_xact_id(), clock_timestamp());
    insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, resolves,
        effective_date, recorded_at, xid)
    values (v_begun.id, p_organization, p_key, v_hash, p_operation, p_kind, p_description, p_resolves,
        p_effective_date, v_begun.recorded_at, v_begun.xid)
    on conflict (organization_id, key) do nothing;
    if not found then
        select * into strict v_earlier from ledger.transaction where organization_id = p_organization and key = p_key;
        if v_earlier.request_hash <> v_hash then
            raise exception 'the key % was used for another posting', p_key using errcode = 'BL002';
        end if;
        v_begun.id := v_earlier.id;
        v_begun.repeated := true;
    end if;
    return v_begun;
end
$$;

-- What the audit row of a transaction says; `ledger check` builds it anew from the books and compares.
create function ledger.told(
    p_key text, p_kind text, p_description text, p_resolves uuid, p_effective_date date, p_recorded_at timestamptz,
    p_entries jsonb
) returns jsonb language sql stable
    return jsonb_build_object('key', p_key, 'kind', p_kind, 'description', p_description, 'resolves', p_resolves,
        'effective_date', p_effective_date, 'recorded_at', p_recorded_at at time zone 'UTC', 'entries', p_entries);

create function ledger.told_entry(p_debit text, p_credit text, p_amount bigint, p_currency text, p_layer ledger.layer,
    p_releases boolean) returns jsonb language sql stable
    return jsonb_build_object('debit', p_debit, 'credit', p_credit, 'amount', p_amount, 'currency', p_currency,
        'layer', case when p_releases then 'released' else p_layer::text end);
