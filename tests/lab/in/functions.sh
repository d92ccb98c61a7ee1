# SPDX-License-Identifier: LGPL-2.1-or-later
# For the tests of the lab, after tests/kit/functions.sh.
requires_root
[ -c /dev/kvm ] || skip "no /dev/kvm"

# No mapping of its process is both writable and executable.
check_mappings ()
{
    ! grep '^[^ ]* .wx' "/proc/$(pid_of "$1")/maps" \
        || fail "$1: writable and executable"
}

# Has the guest done what it was asked for, for the N-th time?
said ()
{
    [ "$(grep -c "$2" "$(console_log "$1")")" -ge "$3" ]
}

# From here on hvctl is the one that is installed, as a package would (once, from
# the directory that it was installed to when it was built), with the host's own
# configuration.
use_installed ()
{
    requires systemctl
    requires_linux
    make_tempdir
    if [ ! -e /etc/hvctl.installed ]; then
        cp -a "$abs_top_srcdir/install/." /
        systemd-tmpfiles --create hvctl.conf
        systemctl daemon-reload
        touch /etc/hvctl.installed
    fi
    mkdir -p /etc/hvctl/vm.d
    hv ()
    {
        hvctl "$@"
    }
    define ()
    {
        cat > "/etc/hvctl/vm.d/$1.conf"
    }
    console_log ()
    {
        echo "/var/log/hvctl/$1/console.log"
    }
}

# shut_down VM LOG: its guest was asked to, and has.
shut_down ()
{
    for word in "power button" goodbye; do
        grep -q "hvctl-guest: $word" "$2" \
            || fail "$1: no '$word': $(tail -n 5 "$2")"
    done
}
