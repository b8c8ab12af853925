-- Verifying the chain: walks blocks and rows in sealed order and names the first bad one.

create type audit.fault as (entry_id bigint, block bigint, "position" integer, problem text);

-- The first fault of a block against the one before it (a row of nulls before the first), or nulls.
create function audit.verify_block(p_block audit.block, p_previous audit.block) returns audit.fault
    language plpgsql stable as $$
declare
    v_row record;
    v_hash bytea := p_block.previous;
    v_count integer := 0;
    v_fault audit.fault := row(p_block.first_entry, p_block.number, null, null);
begin
    if p_block.number <> coalesce(p_previous.number, 0) + 1 then
        v_fault.problem := 'the block before this one was removed';
    elsif p_block.from_xid <> coalesce(p_previous.to_xid, '0')
        or p_block.previous <> coalesce(p_previous.hash, audit.genesis()) then
        v_fault.problem := 'the block does not follow from the one before it';
    end if;
    if v_fault.problem is not null then
        return v_fault;
    end if;
    -- rows in the block's range beside its seals: where the two lists part, a row was removed, inserted or moved
    for v_row in
        select e.id, e.stored, e.computed, s.entry_id, s.hash, coalesce(s.position, e.position) as place
        from (select id, digest as stored, audit.digest_of(a) as computed,
                (row_number() over (order by xid, id))::integer as position
            from audit.entry a where xid >= p_block.from_xid and xid < p_block.to_xid) as e
        full join (select * from audit.seal where block = p_block.number) as s on s.position = e.position
        order by place
    loop
        v_count := v_count + 1;
        v_hash := sha256(v_hash || v_row.stored);
        v_fault.entry_id := coalesce(v_row.entry_id, v_row.id);
        v_fault.position := v_row.place;
        if v_row.entry_id is null then
            v_fault.problem := 'the row was inserted after its block was sealed, or its seal was removed';
        elsif v_row.id is distinct from v_row.entry_id then
            if not exists (select from audit.entry where id = v_row.entry_id) then
                v_fault.problem := 'the row was removed';
            elsif not exists (select from audit.seal where entry_id = v_row.id) then
                v_fault.entry_id := v_row.id;
                v_fault.problem := 'the row was inserted after its block was sealed, or its seal was changed';
            else
                v_fault.problem := 'the row was moved';
            end if;
        elsif v_row.stored <> v_row.computed then
            v_fault.problem := 'the row was changed';
        elsif v_row.hash <> v_hash then
            v_fault.problem := 'the row and its digest, or its seal, were changed';
        end if;
        if v_fault.problem is not null then
            return v_fault;
        end if;
    end loop;
    if v_count <> p_block.count or p_block.last_entry <> v_fault.entry_id or p_block.hash <> audit.hash_of_block(
        p_block.number, p_block.from_xid, p_block.to_xid, p_block.first_entry, p_block.last_entry, p_block.count,
        p_block.previous, v_hash) then
        v_fault := row(p_block.first_entry, p_block.number, null, 'the block was changed');
        return v_fault;
    end if;
    return null;
end
$$;

-- Proves the chain. `problem` null: sound. `head` is the last block's hash, to be published outside of the database;
-- p_head, a head published earlier, must still be in the chain (else its end was cut off and rewritten).
create function audit.verify(
    p_head bytea default null, out entry_id bigint, out block bigint, out "position" integer, out problem text,
    out sealed bigint, out unsealed bigint, out head bytea
) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_block audit.block;
    v_previous audit.block;
    v_fault audit.fault;
begin
    sealed := 0;
    for v_block in select * from audit.block order by number loop
        v_fault := audit.verify_block(v_block, v_previous);
        exit when v_fault.problem is not null;
        v_previous := v_block;
        sealed := sealed + v_block.count;
    end loop;
    head := coalesce(v_previous.hash, audit.genesis());
    if v_fault.problem is null then
        select s.entry_id, s.block, s.position, 'the row''s block was removed' into v_fault
        from audit.seal s where s.block > coalesce(v_previous.number, 0) order by s.block, s.position limit 1;
    end if;
    if v_fault.problem is null then
        -- not sealed yet: only the row's own digest speaks
        select e.id, null, null, 'the row was changed before it was sealed' into v_fault
        from audit.entry e
        where e.xid >= coalesce(v_previous.to_xid, '0') and e.digest <> audit.digest_of(e) order by e.xid, e.id limit 1;
    end if;
    if v_fault.problem is null and p_head <> audit.genesis()
        and not exists (select from audit.block b where b.hash = p_head) then
        v_fault.problem := 'the published head is not in the chain: its end was removed or replaced';
    end if;
    entry_id := v_fault.entry_id;
    block := v_fault.block;
    "position" := v_fault.position;
    problem := v_fault.problem;
    select count(*) into unsealed from audit.entry e where e.xid >= coalesce(v_previous.to_xid, '0');
end
$$;
