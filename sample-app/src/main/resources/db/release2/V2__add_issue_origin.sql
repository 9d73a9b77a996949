alter table issue add column origin varchar(20);

update issue set origin = source;
