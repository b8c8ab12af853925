-- Temporal has these: a transaction of its own, asked by whoever delivered them.
create function public.outbox_delivered(p_ids uuid[]) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if public.current_organization() is not null then
        raise exception 'runs are delivered outside of an organization';
    end if;
    update public.workflow_outbox set done_at = clock_timestamp(), last_error = null where id = any (p_ids);
end
$$;

revoke all on function public.outbox_delivered(uuid[]) from public;
grant execute on function public.outbox_delivered(uuid[]) to bursar_app;
