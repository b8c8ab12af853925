-- As in file 0002_ledger_6_fold.sql.
create or replace function ledger.fold(p_limit integer default 5000) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_from xid8;
    v_to xid8;
    v_last xid8;
    v_taken_at timestamptz;
    v_ceiling xid8;
    v_due bigint[];
    v_count bigint;
begin
    if current_setting('transaction_isolation') <> 'read committed' or pg_current_xact_id_if_assigned() is not null then
        raise exception 'folding needs a transaction of its own, read committed' using errcode = '25001';
    end if;
    if not pg_try_advisory_xact_lock(7231002) then
        return 0;
    end if;
    select watermark into strict v_from from ledger.fold_state;
    v_to := pg_snapshot_xmin(pg_current_snapshot());
    if v_to < v_from then
        raise exception 'this server numbers transactions lower than the books do: see docs/ledger.md'
            using errcode = '55000';
    end if;
    -- cut after the limit, but never inside a database transaction
    select xid into v_last from ledger.transaction where xid >= v_from and xid < v_to order by xid offset p_limit limit 1;
    if found then
        v_to := coalesce((select min(xid) from ledger.transaction where xid > v_last and xid < v_to), v_to);
    end if;
    select count(*) into v_count from ledger.transaction where xid >= v_from and xid < v_to;
    if v_count = 0 then
        -- a quiet ledger is not written to
        return 0;
    end if;
    -- an instant after all that is folded was recorded, and before anything at or above the ceiling is: that is our own
    -- xid, taken now (a snapshot's xmax is no such thing: what is under way may lie above it)
    v_taken_at := clock_timestamp();
    v_ceiling := pg_current_xact_id();

    with line as materialized (
        select l.account_id, l.organization_id, l.effective_date, l.hold_change, l.layer, l.amount
        from ledger.transaction t join ledger.line l on l.transaction_id = t.id
        where t.xid >= v_from and t.xid < v_to
    ), per_day as (
        insert into ledger.folded_day as d (account_id, effective_date, organization_id, posted)
        select account_id, effective_date, organization_id, sum(amount)
        from line where layer = 'posted' group by account_id, effective_date, organization_id
        on conflict (account_id, effective_date) do update set posted = d.posted + excluded.posted
    ), per_account as (
        insert into ledger.folded as f (account_id, organization_id, posted, held, lines)
        select account_id, organization_id, coalesce(sum(amount) filter (where layer = 'posted'), 0), sum(hold_change),
            count(*)
        from line group by account_id, organization_id
        on conflict (account_id) do update set posted = f.posted + excluded.posted, held = f.held + excluded.held,
            lines = f.lines + excluded.lines
        returning f.account_id, f.lines - f.checkpointed_lines as since
    )
    select array_agg(account_id) into v_due from per_account where since >= 1000;

    with due as (
        update ledger.folded set checkpointed_lines = lines where account_id = any (v_due) returning *
    )
    insert into ledger.checkpoint (account_id, taken_at, organization_id, watermark, ceiling, posted, held)
    select account_id, v_taken_at, organization_id, v_to, v_ceiling, posted, held from due;
    update ledger.fold_state set watermark = v_to, folded_at = v_taken_at;
    return v_count;
end
$$;
