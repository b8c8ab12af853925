-- Webhooks: an event gets its deliveries in the transaction that writes it, so no order of commits can lose one.

-- The tables stand since 0001, which makes them as they are now; a database that is older gets what is missing.
alter table public.webhook_endpoint
    add column if not exists description varchar(200) not null default '',
    add column if not exists previous_secret bytea,
    add column if not exists previous_secret_until timestamptz,
    add column if not exists failures integer not null default 0,
    add column if not exists paused_until timestamptz not null default clock_timestamp(),
    add column if not exists last_delivered_at timestamptz,
    add column if not exists last_problem varchar(40);
alter table public.event_delivery
    add column if not exists give_up_at timestamptz not null default clock_timestamp() + interval '3 days',
    add column if not exists given_up_at timestamptz;
create index if not exists ix_webhook_endpoint_organization_id on public.webhook_endpoint (organization_id);
create index if not exists ix_event_delivery_open on public.event_delivery (endpoint_id, next_attempt_at)
    where delivered_at is null and given_up_at is null;
drop index if exists public.ix_event_delivery_due;

create function public.fan_out_event() returns trigger language plpgsql as $$
begin
    insert into public.event_delivery (event_id, endpoint_id, organization_id)
    select new.id, e.id, new.organization_id from public.webhook_endpoint e
    where e.organization_id = new.organization_id and e.disabled_at is null;
    return null;
end
$$;
create trigger fan_out after insert on public.outgoing_event
    for each row execute function public.fan_out_event();

-- Only the application's roles move the clock; a new function may be called by everybody.
revoke all on function public.advance_business_clock(timestamptz) from public;
grant execute on function public.advance_business_clock(timestamptz) to bursar_app, bursar_system;
