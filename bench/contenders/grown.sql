-- Rows of a life before, as they would have come in: transaction ids of their own, in order. Triggers and foreign keys
-- sleep. Settings of the session say how many: grown.first and grown.last number the transactions, grown.flow_every
-- says which of them were made by a flow, grown.wallets how many accounts they go to.
begin;
set local session_replication_role = replica;
create temporary view given as
    select current_setting('bursar.organization_id')::uuid as organization, i,
        ((current_setting('grown.xid')::bigint + i - current_setting('grown.first')::bigint)::text)::xid8 as xid
    from generate_series(current_setting('grown.first')::bigint, current_setting('grown.last')::bigint) as i;
create temporary view flown as
    select *, (select id from merchant limit 1) as merchant, (select id from ach_account limit 1) as account,
        ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid as flow_id
    from given where i % current_setting('grown.flow_every')::bigint = 0;

insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, effective_date,
    recorded_at, xid)
select uuidv7(), organization, 'grown/' || i, '\x00', 'post', 'grown', '', current_date, clock_timestamp(), xid
from given;
insert into ledger.entry (transaction_id, n, effective_date, debit_account, credit_account, amount, recorded_at, xid,
    organization_id, currency, layer)
select t.id, 1, t.effective_date, bank.id, wallet.id, 1, t.recorded_at, t.xid, t.organization_id, 'USD', 'posted'
from given
join ledger.transaction t on t.organization_id = given.organization and t.key = 'grown/' || given.i
join ledger.account wallet on wallet.organization_id = given.organization
    and wallet.code = 'family:' || lpad((given.i % current_setting('grown.wallets')::bigint)::text, 5, '0') || ':wallet:main'
join ledger.account bank on bank.organization_id = given.organization and bank.code = 'external:bank';
insert into audit.entry (at, xid, organization_id, actor, action, subject_kind, subject_id, detail, digest)
select clock_timestamp(), xid, organization, 'grown', 'ledger.posted', 'transaction', i::text, '{}', '\x00' from given;

insert into ach_transaction (id, organization_id, merchant_id, customer_id, account_id, type, direction, amount,
    currency, sec, ach_state, business_date, tran_nbr)
select flow_id, organization, merchant, 'customer-' || i % 250, account, 'DEBIT', 'debit', 1, 'USD', 'PPD', 'settled',
    current_date - (i % 300)::int, (2000000 + i)::text
from flown;
insert into money_call (id, organization_id, flow, flow_id, step, ordinal, rail, operation, strategy, rail_reference,
    amount, currency, state, request, request_hash, settled_at)
select uuidv7(), organization, 'ach-debit', flow_id, 'debit', 1, 'epx', 'CKC2', 'query', 'grown/' || i, 1, 'USD',
    'applied', '\x00', '\x00', clock_timestamp()
from flown;
insert into outgoing_event (id, organization_id, type, subject_kind, subject_id, payload)
select uuidv7(), organization, 'ach_debit.settled', 'ach-debit', flow_id::text, '{}' from flown;
insert into audit.entry (at, xid, organization_id, actor, action, subject_kind, subject_id, detail, digest)
select clock_timestamp(), xid, organization, 'grown', 'ach_debit.' || said, 'ach-debit', flow_id::text, '{}', '\x00'
from flown, unnest(array ['created', 'accepted', 'settled']) as said;
insert into workflow_outbox (id, organization_id, kind, workflow, workflow_id, argument, search_attributes, summary,
    path, done_at)
select uuidv7(), organization, 'start', 'ach-debit', 'ach-debit/' || flow_id, '{}', '{}', '', '', clock_timestamp()
from flown;
insert into idempotency_key (organization_id, key, path, request_hmac, status, response, expires_at)
select organization, 'grown/' || i, 'POST /v1/ach-debits', '\x00', 202, '{}', clock_timestamp() + interval '3 days'
from flown;

drop view flown, given;
commit;
