/*
 * Nothing is noted any more when a site reaches 70, 90 and 100 per cent of a day's budget:
 * site_usage says what is spent. Locks: budget_notice, for a moment; whoever ends a job of a site
 * with a budget may be writing it.
 */
drop table if exists pgdispatch.budget_notice;
