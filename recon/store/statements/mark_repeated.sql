update parsed set reason = 'repeated'
from repeated
where parsed.rowid = parsed_row and turn > 1
