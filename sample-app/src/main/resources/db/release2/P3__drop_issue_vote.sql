-- pending: reason=Nothing has used votes since release 1.
-- pending: delay=7d

drop table issue_vote;
