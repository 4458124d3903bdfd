"""Check recon: python3 test.py

Uses the environment of start.py plus requirements-dev.txt; --help lists the tiers.
"""

import sys

from launcher import checks, environment

if __name__ == "__main__":
    sys.exit(environment.run_command(checks.main))
