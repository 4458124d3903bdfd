-- the tables of the file attached as `old`: one of an earlier version lacks the newer
select table_name from duckdb_tables() where database_name = 'old'
