-- What postings are made of: whose books, which pairs, which accounts, and what a key stands for.
-- These are internal: only the functions of the next files call them.

-- Whether the books of an organization are out of reach: the unit of work names another one, or the application names
-- none (work across organizations takes the role bursar_system).
create function ledger.out_of_reach(p_organization uuid) returns boolean language sql stable
    return p_organization is null or coalesce(public.current_organization() <> p_organization,
        coalesce(nullif(current_setting('role'), 'none'), session_user) = 'bursar_app');

-- [{debit, credit, amount}]: 1 to 1000 pairs of two account codes and a whole amount of 1 to 15 digits; nothing else.
-- Strict, so that a path that does not fit is no match; whatever does not match is malformed.
create function ledger.well_formed(p_entries jsonb) returns boolean language sql immutable
    return case when jsonb_typeof(p_entries) = 'array' then jsonb_array_length(p_entries) between 1 and 1000
        and jsonb_array_length(p_entries) = jsonb_array_length(jsonb_path_query_array(p_entries, 'strict $[*] ? (
            @.debit.type() == "string" && @.credit.type() == "string" && @.debit != @.credit
            && @.amount.type() == "number" && @.amount.string() like_regex "^[1-9][0-9]{0,14}$"
            && !exists(@.keyvalue() ? (@.key != "debit" && @.key != "credit" && @.key != "amount")))'))
        else false end;

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
    if (p_currency ~ '^[A-Z]{3}$') is not true then
        raise exception 'the currency is not an ISO 4217 code' using errcode = 'BL006';
    end if;
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

-- The codes that a posting names.
create function ledger.codes_of(p_entries jsonb) returns text[] language sql immutable
    return (select array_agg(code) from jsonb_array_elements(p_entries) as e,
        lateral (values (e ->> 'debit'), (e ->> 'credit')) as side (code));

-- One of a posting's accounts; when it is missing, all that are missing among the posting's entries are opened.
create function ledger.account_of(p_organization uuid, p_currency text, p_code text, p_entries jsonb)
    returns ledger.account language plpgsql as $$
declare
    v_account ledger.account;
begin
    select * into v_account from ledger.account
    where organization_id = p_organization and code = p_code and currency = p_currency;
    if not found then
        perform ledger.open_accounts(p_organization, p_currency, ledger.codes_of(p_entries));
        select * into strict v_account from ledger.account
        where organization_id = p_organization and code = p_code and currency = p_currency;
    end if;
    return v_account;
end
$$;

-- What a key stands for already: the first transaction's id when its content was the same.
create function ledger.repeated(p_organization uuid, p_key text, p_hash bytea) returns uuid language plpgsql as $$
declare
    v_earlier ledger.transaction;
begin
    select * into strict v_earlier from ledger.transaction where organization_id = p_organization and key = p_key;
    if v_earlier.request_hash <> p_hash then
        raise exception 'the key % was used for another posting', p_key using errcode = 'BL002';
    end if;
    return v_earlier.id;
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
