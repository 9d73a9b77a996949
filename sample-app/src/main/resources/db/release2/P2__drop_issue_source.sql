-- pending: reason=Replaced by origin. Release 1 fails without it.

-- What release 1 wrote after V2
update issue set origin = source where origin is null;

alter table issue drop column source;
