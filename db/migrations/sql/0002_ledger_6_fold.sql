-- Folding: rows whose transactions ended are summed per account, so that a balance reads few rows however many there are.
-- The cursor is the transaction horizon, not an id or a time: what commits late is never skipped.

-- Folds up to about p_limit transactions and returns how many; 0 also while another session folds.
create function ledger.fold(p_limit integer default 20000) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_from xid8;
    v_to xid8 := pg_snapshot_xmin(pg_current_snapshot());
    v_last xid8;
    v_taken_at timestamptz;
    v_count bigint;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'folding needs read committed' using errcode = '25001';
    end if;
    if not pg_try_advisory_xact_lock(7231002) then
        return 0;
    end if;
    select watermark into strict v_from from ledger.fold_state;
    if v_to < v_from then
        raise exception 'this server counts transactions from an earlier number than the books do: see docs/ledger.md';
    end if;
    -- whole transactions of the database only: up to the first xid after the limit
    select xid into v_last from ledger.transaction where xid >= v_from and xid < v_to order by xid offset p_limit limit 1;
    if found then
        select min(xid) into v_to from (
            select xid from ledger.transaction where xid > v_last and xid < v_to union all select v_to) as later;
    end if;
    select count(*) into v_count from ledger.transaction where xid >= v_from and xid < v_to;
    if v_count = 0 then
        return 0;
    end if;
    create temporary table if not exists folding (account_id bigint, organization_id uuid, effective_date date,
        posted bigint, held bigint, lines bigint) on commit delete rows;
    return v_count;
end
$$;
