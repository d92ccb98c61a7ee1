#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How QEMU words an error decides nothing: what is asked of it is its schema,
# its properties, its state, and the class of an error.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
cd "$abs_top_srcdir"

# Those who have its words show them: the client, which cleans them up, what
# became of a migration, a probe's reason, and who gave up waiting.
grep -l '"desc"\|"error-desc"\|qmp_refusal' plugins/qemu/*.c > "$tmp/who"
cat > "$tmp/expected" <<'END'
plugins/qemu/hotplug.c
plugins/qemu/qmp.c
plugins/qemu/save.c
END
diff "$tmp/expected" "$tmp/who" || fail "others read QEMU's words"

# And they compare them with nothing.
if grep -nE '(strstr|strn?(case)?cmp|strchr|fnmatch|regexec) \(.*(refusal|reason|desc\b|q->refusal)' \
    plugins/qemu/*.c; then
    fail "QEMU's words are compared with something"
fi
# Prose of the human monitor is not parsed at all.
! grep -n "human-monitor-command" plugins/qemu/*.c || fail "the human monitor"
# A number of a version is shown, no more: distributions add and leave out.
! grep -n "version_below" plugins/qemu/*.c || fail "a version decides"
# The core knows no hypervisor's words, but as text that it shows.
! grep -niE 'strstr \([^)]*"[^"]*(kvm kernel|could not access|fdset|migration)' core/*.c core/*/*.c cli/*.c \
    || fail "the core looks for words of QEMU"
