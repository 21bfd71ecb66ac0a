"""Test harness only: starts the AWS emulator `ministack` with what it lacks.

Environment: GATEWAY_PORT, BIND_HOST (loopback), JSONATA_URL (jsonata-server.ts), HARNESS_DIR (a folder that the harness
and the emulator share). It ends with its standard input, so that nothing outlives a harness that was killed.
What is replaced, why, and what it leaves unproved about AWS: docs/decisions/0010-emulator.md.
"""

import os
import signal
import sys
import threading

import functions
import people
import rights
import states
import streams

functions.repair()
people.repair()
rights.repair()
states.repair()
streams.repair()


def end_with_the_harness():
    sys.stdin.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if os.getpgrp() == os.getpid():
    threading.Thread(target=end_with_the_harness, daemon=True).start()

sys.argv = ["ministack"]

from ministack.app import main  # noqa: E402  the repairs come first

main()
