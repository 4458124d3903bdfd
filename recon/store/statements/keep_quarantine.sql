insert into work.quarantine select * from old.quarantine
