"""Start recon: python3 start.py

The first start makes `.venv` beside this file, installs requirements.txt into it and
builds a demo market; every later one only serves.
"""

import sys

from launcher import environment, serving

if __name__ == "__main__":
    sys.exit(environment.run_command(serving.main))
