-- The chain: audit rows whose transactions ended are sealed in blocks; verifying names the first bad row.
-- Blocks follow the transaction horizon, not ids or time: a row that commits late is sealed later, never skipped.

create function audit.genesis() returns bytea language sql immutable
    return sha256('bursar audit chain');

create function audit.hash_of_block(
    p_number bigint, p_from xid8, p_to xid8, p_first bigint, p_last bigint, p_count integer, p_previous bytea,
    p_last_row bytea
) returns bytea language sql immutable
    return sha256(p_previous || p_last_row || convert_to(
        concat_ws('/', p_number, p_from::text, p_to::text, p_first, p_last, p_count), 'UTF8'));

-- Seals about p_max rows in one block and returns how many; 0 when nothing is due or another session seals.
create function audit.seal(p_max integer default 10000) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_previous audit.block;
    v_block audit.block;
    v_horizon xid8;
    v_cut xid8;
    v_row record;
    v_hash bytea;
    v_ids bigint[] := '{}';
    v_hashes bytea[] := '{}';
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'sealing needs read committed' using errcode = '25001';
    end if;
    if not pg_try_advisory_xact_lock(7231003) then
        return 0;
    end if;
    select * into v_previous from audit.block order by number desc limit 1;
    v_block.number := coalesce(v_previous.number, 0) + 1;
    v_block.from_xid := coalesce(v_previous.to_xid, '0');
    v_block.previous := coalesce(v_previous.hash, audit.genesis());
    v_horizon := pg_snapshot_xmin(pg_current_snapshot());
    if v_horizon < v_block.from_xid then
        raise exception 'this server numbers transactions lower than the chain does: see docs/ledger.md'
            using errcode = '55000';
    end if;
    -- cut after the limit, but never inside a database transaction
    select xid into v_cut from audit.entry where xid >= v_block.from_xid and xid < v_horizon
    order by xid offset p_max - 1 limit 1;
    select min(xid) into v_block.to_xid from audit.entry where xid > v_cut and xid < v_horizon;
    v_block.to_xid := coalesce(v_block.to_xid, v_horizon);

    v_hash := v_block.previous;
    for v_row in
        select id, digest from audit.entry where xid >= v_block.from_xid and xid < v_block.to_xid order by xid, id
    loop
        v_hash := sha256(v_hash || v_row.digest);
        v_ids := v_ids || v_row.id;
        v_hashes := v_hashes || v_hash;
    end loop;
    v_block.count := cardinality(v_ids);
    if v_block.count = 0 then
        return 0;
    end if;
    v_block.first_entry := v_ids[1];
    v_block.last_entry := v_ids[v_block.count];
    v_block.hash := audit.hash_of_block(v_block.number, v_block.from_xid, v_block.to_xid, v_block.first_entry,
        v_block.last_entry, v_block.count, v_block.previous, v_hash);
    v_block.sealed_at := clock_timestamp();
    insert into audit.seal (entry_id, block, position, hash)
    select id, v_block.number, position, hash from unnest(v_ids, v_hashes) with ordinality as s (id, hash, position);
    insert into audit.block values (v_block.*);
    return v_block.count;
end
$$;
