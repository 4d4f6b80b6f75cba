/* The place that a JSON object of the seven order columns says, as a job with nothing else. */
create or replace function pgdispatch.place_at(p_key jsonb)
returns pgdispatch.job
language plpgsql
stable
as $$
declare
    v_place pgdispatch.job;
begin
    if p_key is null then
        v_place.precedence := -1;
        v_place.priority := 0;
        v_place.queued_at := '-infinity';
        v_place.type_rank := 0;
        v_place.tie_first := 0;
        v_place.tie_second := 0;
        v_place.id := 0;
    elsif jsonb_typeof(p_key) = 'object' then
        select
            k.precedence, k.priority, k.queued_at, k.type_rank, k.tie_first, k.tie_second, k.id
        into
            v_place.precedence, v_place.priority, v_place.queued_at, v_place.type_rank,
            v_place.tie_first, v_place.tie_second, v_place.id
        from jsonb_to_record(p_key) as k (
            precedence smallint,
            priority smallint,
            queued_at timestamptz,
            type_rank smallint,
            tie_first double precision,
            tie_second double precision,
            id bigint
        );
    end if;
    if num_nulls(
        v_place.precedence, v_place.priority, v_place.queued_at, v_place.type_rank,
        v_place.tie_first, v_place.tie_second, v_place.id
    ) > 0 then
        perform pgdispatch.refuse(
            'this is no place in the queue',
            'give what queue_page says in next or previous, as it stands'
        );
    end if;
    return v_place;
end
$$;

comment on function pgdispatch.place_at(jsonb) is
'The place in the order that a key says, see place_key; null: the front. Refuses what is none '
'(JD001).';
