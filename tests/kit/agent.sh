# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tests that make up a guest agent, "$tmp/agent.py", which imports
# agent_stub.py.

agent=
# stop_agent: if it runs.
stop_agent ()
{
    [ -z "$agent" ] || { kill $agent; wait $agent || :; }
    agent=
}

# start_agent SOCKET ARGUMENT...: another one, at that socket.
start_agent ()
{
    stop_agent
    rm -f "$1"
    PYTHONPATH=$abs_top_srcdir/tests/kit python3 -B "$tmp/agent.py" "$@" &
    agent=$!
    cleanup_fn "kill $agent 2> /dev/null"
    wait_for 10 [ -S "$1" ]
}
