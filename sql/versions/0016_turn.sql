/*
 * What a turn says beyond a claim. Locks: none that anybody waits for; sessions that claim plan
 * anew.
 */
alter type pgdispatch.verdict
    add attribute backgrounder text,
    add attribute reason text;
