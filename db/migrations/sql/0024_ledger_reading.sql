-- Reading the books with the owner's rights, for one organization that the caller may see. Row-level security reads a row
-- before it compares xids (xid8's operators are not leakproof), so no index on them would serve the application's role:
-- a statement or an old balance of a busy account read every line there is.

-- A checked account's balance stands in its row; a deferred one's is the folded value plus the rows after the watermark.
create or replace function ledger.balance_now(p_organization uuid, p_code text, p_currency text, out posted bigint, out held bigint)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_account ledger.account;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the account belongs to another organization' using errcode = 'BL007';
    end if;
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

-- The last checkpoint before the instant plus the rows recorded from there to the instant.
create or replace function ledger.balance_as_of(
    p_organization uuid, p_code text, p_currency text, p_at timestamptz, out posted bigint, out held bigint
) language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_account bigint;
    v_before ledger.checkpoint;
    v_ceiling xid8;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the account belongs to another organization' using errcode = 'BL007';
    end if;
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
create or replace function ledger.balance_on(p_organization uuid, p_code text, p_currency text, p_date date) returns bigint
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_account bigint;
    v_posted bigint;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the account belongs to another organization' using errcode = 'BL007';
    end if;
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

-- An account's lines before a position (an xid, a transaction, a number), newest first. Each side by its own index, cut
-- after a whole transaction of the database (ties): asked for both sides at once, or for an order that no index has, the
-- planner would sort all lines of a busy account. It plans with the limit: without, it takes that for a tenth of them.
create function ledger.statement(
    p_organization uuid, p_code text, p_currency text, p_xid bigint, p_transaction uuid, p_n integer, p_limit integer
) returns table (
    transaction_id uuid, n smallint, xid bigint, side text, layer ledger.layer, releases boolean, amount bigint,
    effective_date date, recorded_at timestamptz, other text, key varchar, kind varchar, description text
) language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    v_account bigint;
    v_before xid8 := p_xid::text::xid8;
begin
    if ledger.out_of_reach(p_organization) then
        raise exception 'the account belongs to another organization' using errcode = 'BL007';
    end if;
    select id into v_account from ledger.account a
    where a.organization_id = p_organization and a.code = p_code and a.currency = p_currency;
    return query
    with page as (
        (select e.*, 'debit' as side, e.credit_account as other_account from ledger.entry e
            where e.debit_account = v_account and (e.xid, e.transaction_id, e.n) < (v_before, p_transaction, p_n)
            order by e.xid desc fetch first p_limit rows with ties)
        union all
        (select e.*, 'credit', e.debit_account from ledger.entry e
            where e.credit_account = v_account and (e.xid, e.transaction_id, e.n) < (v_before, p_transaction, p_n)
            order by e.xid desc fetch first p_limit rows with ties)
    )
    select p.transaction_id, p.n, p.xid::text::bigint as xid, p.side, p.layer, p.releases,
        case when p.side = a.normal then p.amount else -p.amount end as amount, p.effective_date, p.recorded_at,
        o.code as other, t.key, t.kind, t.description
    from (select page.* from page order by page.xid desc, page.transaction_id desc, page.n desc limit p_limit) as p
    join ledger.account a on a.id = v_account
    join ledger.transaction t on t.id = p.transaction_id
    join ledger.account o on o.id = p.other_account
    order by p.xid desc, p.transaction_id desc, p.n desc;
end
$$;
