create table issue (
  id ${identity} primary key,
  title varchar(200) not null,
  source varchar(20)
);

create table issue_vote (
  issue_id bigint not null,
  voter varchar(100) not null,
  primary key (issue_id, voter)
);

insert into issue (title, source) values ('The login button is grey', 'email');
insert into issue (title, source) values ('Export stops at row 1000', 'web');
