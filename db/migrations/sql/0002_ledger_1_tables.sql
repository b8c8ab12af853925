-- The ledger's tables. Everybody reads their own organization's rows; only the functions of the next files write them.
--
-- SQLSTATE of refusals: BL001 insufficient available funds, BL002 key reused with other content, BL003 unknown account,
-- BL004 hold already resolved, BL005 account closed, BL006 malformed posting, BL007 organization mismatch,
-- BL009 the books are never changed.

create schema ledger;
grant usage on schema ledger to bursar_app, bursar_system;

-- Which accounts may exist. `*` stands for one part of a path, a closing `**` for one or more.
-- A floor is the least available balance; only what we owe somebody (credit-normal, checked) can have one.
create table ledger.chart (
    pattern text collate "C" primary key check (pattern ~ '^[a-z0-9_]+(:([a-z0-9_]+|\*))*(:\*\*)?$'),
    normal text not null check (normal in ('debit', 'credit')),
    floor bigint,
    mode text not null check (mode in ('checked', 'deferred')),
    meaning text not null,
    constraint floor_needs_a_checked_liability check (floor is null or (normal = 'credit' and mode = 'checked'))
);
grant select on ledger.chart to bursar_app, bursar_system;

-- An account takes its side, floor and mode from the chart when its first posting opens it, and keeps them.
create table ledger.account (
    id bigint generated always as identity primary key,
    organization_id uuid not null references public.organization (id),
    code text collate "C" not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    normal text not null check (normal in ('debit', 'credit')),
    floor bigint,
    mode text not null check (mode in ('checked', 'deferred')),
    closed_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    unique (organization_id, code, currency),
    constraint floor_needs_a_checked_liability check (floor is null or (normal = 'credit' and mode = 'checked'))
);

-- Balances of checked accounts, in natural units: positive is what the account's normal side brings.
-- held: what open holds would take away. Apart from account, so that updates stay small; version counts them.
create table ledger.balance (
    account_id bigint primary key references ledger.account (id),
    organization_id uuid not null,
    currency text not null,
    floor bigint,
    closed boolean not null default false,
    posted bigint not null default 0,
    held bigint not null default 0,
    version bigint not null default 0,
    -- no floor, nothing to keep: a CHECK that is null holds
    constraint floor_kept check (held >= 0 and posted - held >= floor)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create type ledger.operation as enum ('post', 'fact', 'hold', 'post_hold', 'void_hold');
create type ledger.layer as enum ('posted', 'held');

-- Here and below the types say what they can (enum, varchar) and one CHECK the rest: PostgreSQL prepares each CHECK anew
-- for every statement that writes.
create table ledger.transaction (
    id uuid primary key,
    organization_id uuid not null,
    key varchar(200) collate "C" not null,
    request_hash bytea not null,
    operation ledger.operation not null,
    kind varchar(80) not null,
    description text not null,
    resolves uuid references ledger.transaction (id),
    effective_date date not null,
    recorded_at timestamptz not null,
    xid xid8 not null,
    unique (organization_id, key)
);
create index transaction_xid on ledger.transaction (xid);

-- A row is a balanced pair, so whatever is in this table sums to zero. Layer `held` shows intentions; a row that
-- takes one back has its sides swapped and says `releases`. Date, instant and xid repeat the transaction's.
create table ledger.entry (
    transaction_id uuid not null references ledger.transaction (id),
    n smallint not null,
    releases boolean not null default false,
    effective_date date not null,
    debit_account bigint not null,
    credit_account bigint not null,
    amount bigint not null,
    recorded_at timestamptz not null,
    xid xid8 not null,
    organization_id uuid not null,
    currency text not null,
    layer ledger.layer not null,
    primary key (transaction_id, n),
    constraint balanced_pair check (
        amount > 0 and debit_account <> credit_account and (layer = 'held' or not releases))
);
create index entry_debit on ledger.entry (debit_account, xid);
create index entry_credit on ledger.entry (credit_account, xid);

create type ledger.owner_kind as enum ('money_call', 'reservation');

-- A hold is its transaction; a money call or a reservation owns it. open until posted + released = amount.
create table ledger.hold (
    id uuid primary key references ledger.transaction (id),
    organization_id uuid not null,
    owner_kind ledger.owner_kind not null,
    owner_id uuid not null,
    currency text not null,
    amount bigint not null,
    posted bigint not null default 0,
    released bigint not null default 0,
    state text not null default 'open',
    constraint never_more_than_held check (amount > 0 and posted >= 0 and released >= 0 and posted + released <= amount
        and state = case when posted + released < amount then 'open' when posted = 0 then 'voided' else 'posted' end)
) with (fillfactor = 80);
create index hold_owner on ledger.hold (owner_id);
create index hold_open on ledger.hold (organization_id) where state = 'open';

-- Folding (file 5): how far, and what was folded. A deferred account's balance is folded value plus later rows.
create table ledger.fold_state (
    one boolean primary key default true check (one),
    watermark xid8 not null,
    folded_at timestamptz not null
);
insert into ledger.fold_state (watermark, folded_at) values ('0', clock_timestamp());
grant select on ledger.fold_state to bursar_app, bursar_system;

create table ledger.folded (
    account_id bigint primary key references ledger.account (id),
    organization_id uuid not null,
    posted bigint not null,
    held bigint not null,
    lines bigint not null,
    checkpointed_lines bigint not null default 0
) with (fillfactor = 50);

-- posted movement per effective date, for balances by effective date
create table ledger.folded_day (
    account_id bigint not null references ledger.account (id),
    effective_date date not null,
    organization_id uuid not null,
    posted bigint not null,
    primary key (account_id, effective_date)
) with (fillfactor = 70);

-- the folded value at past folds, for balances as of a past instant: it counts every row with xid < watermark, all
-- recorded before taken_at; every row with xid >= ceiling was recorded after it
create table ledger.checkpoint (
    account_id bigint not null references ledger.account (id),
    taken_at timestamptz not null,
    organization_id uuid not null,
    watermark xid8 not null,
    ceiling xid8 not null,
    posted bigint not null,
    held bigint not null,
    primary key (account_id, taken_at)
);

-- One row per account and side. amount is in natural units (positive: towards the account's normal side);
-- hold_change is the row's effect on what is held.
create view ledger.line with (security_invoker = true) as
select e.organization_id, e.debit_account as account_id, a.code, e.currency, 'debit' as side, e.layer, e.releases,
    case a.normal when 'debit' then e.amount else -e.amount end as amount,
    case when e.layer = 'posted' then 0
        when a.normal = 'credit' and not e.releases then e.amount
        when a.normal = 'debit' and e.releases then -e.amount else 0 end as hold_change,
    e.transaction_id, e.n, e.effective_date, e.recorded_at, e.xid, e.credit_account as other_account_id
from ledger.entry e join ledger.account a on a.id = e.debit_account
union all
select e.organization_id, e.credit_account, a.code, e.currency, 'credit', e.layer, e.releases,
    case a.normal when 'credit' then e.amount else -e.amount end,
    case when e.layer = 'posted' then 0
        when a.normal = 'debit' and not e.releases then e.amount
        when a.normal = 'credit' and e.releases then -e.amount else 0 end,
    e.transaction_id, e.n, e.effective_date, e.recorded_at, e.xid, e.debit_account
from ledger.entry e join ledger.account a on a.id = e.credit_account;
grant select on ledger.line to bursar_app, bursar_system;

-- Nobody changes the books, the owner neither. Corrections are new transactions.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is never changed', tg_table_schema, tg_table_name using errcode = 'BL009';
end
$$;
create trigger kept before update or delete or truncate on ledger.transaction
    for each statement execute function ledger.refuse_change();
create trigger kept before update or delete or truncate on ledger.entry
    for each statement execute function ledger.refuse_change();
create trigger kept before update or delete or truncate on ledger.checkpoint
    for each statement execute function ledger.refuse_change();
create trigger kept before delete or truncate on ledger.account
    for each statement execute function ledger.refuse_change();
create trigger kept before delete or truncate on ledger.balance
    for each statement execute function ledger.refuse_change();
create trigger kept before delete or truncate on ledger.hold
    for each statement execute function ledger.refuse_change();

create function ledger.account_keeps_its_nature() returns trigger language plpgsql as $$
begin
    if (old.id, old.organization_id, old.code, old.currency, old.normal, old.floor, old.mode, old.created_at)
        is distinct from
        (new.id, new.organization_id, new.code, new.currency, new.normal, new.floor, new.mode, new.created_at) then
        raise exception 'an account can only be closed' using errcode = 'BL009';
    end if;
    return new;
end
$$;
create trigger keeps_its_nature before update on ledger.account
    for each row execute function ledger.account_keeps_its_nature();
