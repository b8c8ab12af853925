-- The least that a transfer can be: a transaction, two entries, two balances, in one call on the server.
-- No key, no floor, no audit, no index on entries, no protection of any kind.
create schema raw;
create table raw.transaction (id bigint generated always as identity primary key, at timestamptz not null default now());
create table raw.entry (transaction_id bigint not null, account_id bigint not null, amount bigint not null);
create table raw.balance (account_id bigint primary key, amount bigint not null) with (fillfactor = 50);
-- one more than the spread accounts: the last one is hot
insert into raw.balance select n, 1000000000000 from generate_series(0, 1000) as n;

create function raw.transfer(p_debit bigint, p_credit bigint, p_amount bigint) returns bigint language plpgsql as $$
declare
    v_id bigint;
begin
    insert into raw.transaction default values returning id into v_id;
    insert into raw.entry values (v_id, p_debit, -p_amount), (v_id, p_credit, p_amount);
    -- in id order, so that opposite transfers do not deadlock; the hot account has the highest id
    update raw.balance set amount = amount + case account_id when p_debit then -p_amount else p_amount end
    where account_id = least(p_debit, p_credit);
    update raw.balance set amount = amount + case account_id when p_debit then -p_amount else p_amount end
    where account_id = greatest(p_debit, p_credit);
    return v_id;
end
$$;
grant usage on schema raw to bursar_app;
grant all on all tables in schema raw to bursar_app;
