"""``python -m vae_studio`` is the same as ``vae-studio``."""

import sys

from vae_studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
