/*
 * Sites, job types and schedules can be renamed, with the tasks and linked tasks that name them.
 * Locks: these five tables, against everybody who writes to them; the keys are looked at anew.
 */
alter table pgdispatch.task
    drop constraint task_site_fkey,
    drop constraint task_type_fkey,
    drop constraint task_schedule_fkey,
    add constraint task_site_fkey
    foreign key (site) references pgdispatch.site (name) on update cascade,
    add constraint task_type_fkey
    foreign key (type) references pgdispatch.job_type (name) on update cascade,
    add constraint task_schedule_fkey
    foreign key (schedule) references pgdispatch.schedule (name) on update cascade;
alter table pgdispatch.linked_task
    drop constraint linked_task_site_fkey,
    drop constraint linked_task_schedule_fkey,
    add constraint linked_task_site_fkey
    foreign key (site) references pgdispatch.site (name) on update cascade,
    add constraint linked_task_schedule_fkey
    foreign key (schedule) references pgdispatch.schedule (name) on update cascade;
