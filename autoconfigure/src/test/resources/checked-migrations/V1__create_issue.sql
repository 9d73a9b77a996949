create table issue (id int primary key);
