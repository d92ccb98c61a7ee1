# SPDX-License-Identifier: LGPL-2.1-or-later
# The tests; tests/README.md says what runs when.  Each part of the tree lists
# its own in a fragment.
ROOT_TESTS =

include tests/ch.mk
include tests/core.mk
include tests/docs.mk
include tests/infra.mk
include tests/net.mk
include tests/ovs.mk
include tests/qemu.mk
include tests/spawn.mk
include tests/storage.mk
include tests/zfs.mk

# Made anew when its template changes.
check_SCRIPTS += tests/functions.sh

TEST_EXTENSIONS = .sh
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-test
SH_LOG_COMPILER = $(LOG_COMPILER)
AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	HVCTL='$(abs_top_builddir)/hvctl'; export HVCTL; \
	CC='$(CC)'; export CC; \
	$(NULL)

# Uses the very harness of 'make check', so logs and results look alike.
check-root: all
	@test "`id -u`" = 0 || { \
	  echo "make check-root: run it as root, or try make check" >&2; \
	  exit 1; }
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(ROOT_TESTS)' \
	  TEST_SUITE_LOG=test-suite-root.log

# Automake makes such a rule for each program that is in TESTS, but those of
# ROOT_TESTS never are.
tests/root/%.log: tests/root/%$(EXEEXT)
	@p='$<'; b='$(@:.log=)'; \
	$(am__check_pre) $(LOG_DRIVER) --test-name "$$f" \
	--log-file $$b.log --trs-file $$b.trs \
	$(am__common_driver_flags) $(AM_LOG_DRIVER_FLAGS) \
	$(LOG_DRIVER_FLAGS) -- $(LOG_COMPILE) "$$tst" $(AM_TESTS_FD_REDIRECT)

# Valgrind (3.19) knows neither pidfds nor seccomp filters: what starts a
# process in the jail cannot run under it.
VALGRIND_NOT = \
	tests/changes.sh \
	tests/crash.sh \
	tests/interrupt.sh \
	tests/last-words.sh \
	tests/layers.sh \
	tests/order.sh \
	tests/own-calls.sh \
	tests/readonly.sh \
	tests/rollback.sh \
	tests/stale.sh \
	tests/stop-ways.sh \
	tests/supervisor.sh \
	tests/test-docs-%.sh \
	tests/test-filter \
	tests/test-spawn-% \
	tests/test-support \
	tests/two-starts.sh \
	tests/vhost-user.sh \
	tests/volume.sh \
	$(NULL)

check-valgrind: all
	HVCTL_VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS='$(filter-out $(VALGRIND_NOT),$(TESTS))' \
	  TEST_SUITE_LOG=test-suite-valgrind.log

# Five minutes of a guest at work.
check-long: all
	HVCTL_IO_SECONDS=300 HVCTL_TEST_LIMIT=600 $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS=tests/root/sandbox-io.sh TEST_SUITE_LOG=test-suite-long.log

.PHONY: check-long check-root check-valgrind

EXTRA_DIST += \
	$(filter %.sh,$(ROOT_TESTS)) \
	tests/README.md \
	tests/root/functions.sh \
	tests/run-test \
	tests/timing.h \
	tests/unix.h \
	tests/valgrind.supp \
	$(NULL)

CLEANFILES += test-suite-long.log test-suite-root.log test-suite-valgrind.log
