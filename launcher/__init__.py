"""What start.py and test.py share. Only the standard library.

An older Python reads this file and the two commands, and no other: these three keep to
a syntax that it knows.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "recon needs Python 3.11 or newer and this is Python %d.%d.%d: "
        "run it with a newer one." % sys.version_info[:3]
    )
