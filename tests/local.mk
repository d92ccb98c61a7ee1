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
include tests/whole.mk
include tests/zfs.mk

# Made anew when its template changes.
check_SCRIPTS += tests/kit/functions.sh

TEST_EXTENSIONS = .sh
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/kit/run-test
SH_LOG_COMPILER = $(LOG_COMPILER)
AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	HVCTL='$(abs_top_builddir)/hvctl'; export HVCTL; \
	CC='$(CC)'; export CC; \
	$(NULL)

# What takes longest.  tools/check-suites runs a part of it, picked by a seed.
LONG_TESTS = \
	$(PROMPT_TESTS) \
	tests/e2e/hotplug-machines.sh \
	tests/e2e/hotplug-nic.sh \
	tests/e2e/resize.sh \
	tests/e2e/save.sh \
	tests/e2e/snapshot.sh \
	tests/e2e/uefi.sh \
	tests/root/ch-same-file.sh \
	tests/root/ch-save.sh \
	tests/root/ch-snapshot.sh \
	tests/root/net-ovs-guests.sh \
	tests/root/net-ovs-vhost.sh \
	tests/root/passt.sh \
	tests/root/sandbox-io.sh \
	tests/root/sandbox-kernels.sh \
	tests/root/sandbox-learn.sh \
	tests/root/storage-zfs-bad.sh \
	tests/root/storage-zfs-full.sh \
	tests/root/storage-zfs-guest.sh \
	tests/root/storage-zfs-stream.sh \
	tests/root/storage-zfs-zvol.sh \
	tests/root/storage-zfs.sh \
	$(NULL)

# What measures processor time: tools/check-suites runs these after all others,
# one at a time.
TIMED_TESTS = \
	tests/root/net-macvtap-speed \
	tests/root/net-ovs-speed \
	tests/root/sandbox-cost.sh \
	tests/root/sandbox-exits.sh \
	tests/root/storage-zfs-speed.sh \
	$(NULL)

print-root-tests:
	@printf 'all %s\n' $(ROOT_TESTS); printf 'long %s\n' $(LONG_TESTS); \
	printf 'timed %s\n' $(TIMED_TESTS); printf 'prompt %s\n' $(PROMPT_TESTS); \
	printf 'check %s\n' $(TESTS); printf 'valgrind %s\n' $(VALGRIND_TESTS)

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
# process in the jail cannot run under it.  Nor what starts hvctl some hundred
# times: identified.sh, import-killed.sh, options.sh, rm-races.sh, words.sh.
VALGRIND_NOT = \
	tests/shell/agent.sh \
	tests/shell/agent-freeze.sh \
	tests/shell/agent-hostile.sh \
	tests/shell/agent-stop.sh \
	tests/shell/apply-shown.sh \
	tests/shell/apply.sh \
	tests/shell/clone-identity.sh \
	tests/shell/identified.sh \
	tests/shell/image-fetch.sh \
	tests/shell/image-fetch-again.sh \
	tests/shell/image-fetch-killed.sh \
	tests/shell/image-fetch-progress.sh \
	tests/shell/image-fetch-tls.sh \
	tests/shell/image-killed.sh \
	tests/shell/import-killed.sh \
	tests/shell/rm-races.sh \
	tests/shell/image-known.sh \
	tests/shell/image-sums.sh \
	tests/shell/diff-true.sh \
	tests/shell/diff.sh \
	tests/shell/again.sh \
	tests/shell/broken-host.sh \
	tests/shell/by-hand.sh \
	tests/shell/ended.sh \
	tests/shell/exit-codes.sh \
	tests/shell/exit-config.sh \
	tests/shell/lost-run.sh \
	tests/shell/restart.sh \
	tests/shell/revert-written.sh \
	tests/shell/saved.sh \
	tests/shell/taken-back.sh \
	tests/shell/taken.sh \
	tests/shell/turns.sh \
	tests/shell/base-replaced-new.sh \
	tests/shell/changes.sh \
	tests/shell/completion.sh \
	tests/faults/letting-go.sh \
	tests/faults/died.sh \
	tests/faults/null.sh \
	tests/shell/gone-words.sh \
	tests/shell/growth.sh \
	tests/shell/jobs-room.sh \
	tests/shell/jobs-terminal.sh \
	tests/shell/jobs.sh \
	tests/shell/json-schema.sh \
	tests/shell/loops.sh \
	tests/shell/metadata.sh \
	tests/shell/nearest.sh \
	tests/shell/options.sh \
	tests/shell/output.sh \
	tests/shell/twice.sh \
	tests/shell/unable.sh \
	tests/shell/unfinished.sh \
	tests/shell/words.sh \
	tests/shell/crash.sh \
	tests/shell/directory-order.sh \
	tests/shell/interrupt.sh \
	tests/shell/last-words.sh \
	tests/shell/layers.sh \
	tests/shell/logs-flood.sh \
	tests/shell/logs.sh \
	tests/shell/order.sh \
	tests/shell/others-wait.sh \
	tests/shell/outlived.sh \
	tests/shell/own-calls.sh \
	tests/shell/plugin-answers.sh \
	tests/shell/plugin-escapes.sh \
	tests/shell/plugin-loops.sh \
	tests/shell/readonly.sh \
	tests/shell/remedies.sh \
	tests/shell/resize-image.sh \
	tests/shell/rm-asks.sh \
	tests/shell/rollback.sh \
	tests/shell/stale.sh \
	tests/shell/status-nics.sh \
	tests/shell/stop-ways.sh \
	tests/shell/supervisor.sh \
	tests/shell/sweep-race.sh \
	tests/unit/test-console \
	tests/shell/test-docs-%.sh \
	tests/unit/test-filter \
	tests/unit/test-spawn-% \
	tests/unit/test-support \
	tests/shell/two-starts.sh \
	tests/shell/validate-host.sh \
	tests/shell/vhost-user.sh \
	tests/shell/volume.sh \
	$(NULL)

VALGRIND_TESTS = $(filter-out $(VALGRIND_NOT),$(TESTS))
check-valgrind: all
	HVCTL_VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS='$(VALGRIND_TESTS)' \
	  TEST_SUITE_LOG=test-suite-valgrind.log

# All that can be built where the libraries cannot be linked with: musl.sh.
compile-all: $(noinst_LTLIBRARIES) $(plugin_LTLIBRARIES) $(cli_hvctl_OBJECTS) \
	$(import_hvctl_import_OBJECTS) supervisor/hvctl-supervisor$(EXEEXT)

# With musl-gcc: a build of its own, and tests with what could be linked.
check-musl: all
	HVCTL_TEST_LIMIT=900 $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS=tests/shell/musl.sh TEST_SUITE_LOG=test-suite-musl.log

# Five minutes of a guest at work.
check-long: all
	HVCTL_IO_SECONDS=300 HVCTL_TEST_LIMIT=600 $(MAKE) $(AM_MAKEFLAGS) check \
	  TESTS=tests/root/sandbox-io.sh TEST_SUITE_LOG=test-suite-long.log

# In an emulated machine that has what others lack, which is made first.
check-lab:
	sh $(top_srcdir)/tools/check-lab --all

.PHONY: check-lab check-long check-musl check-root check-valgrind \
	compile-all print-root-tests

EXTRA_DIST += \
	$(filter %.sh,$(ROOT_TESTS)) \
	tests/known-failures \
	tests/README.md \
	tests/shell/musl.sh \
	tests/kit/range.h \
	tests/lab/in/changes-kvm.sh \
	tests/lab/in/ch-linux.sh \
	tests/lab/in/functions.sh \
	tests/lab/in/guest-kvm.sh \
	tests/lab/in/login.sh \
	tests/lab/in/ovs-kernel.sh \
	tests/lab/in/service.sh \
	tests/lab/in/scope.sh \
	tests/lab/in/shutdown-after.sh \
	tests/lab/in/shutdown.sh \
	tests/lab/initrd \
	tests/lab/machine.sh \
	tests/lab/run \
	tests/root/functions.sh \
	tests/kit/run-test \
	tests/kit/timing.h \
	tests/kit/unix.h \
	tests/kit/valgrind.supp \
	$(NULL)

CLEANFILES += test-suite-long.log test-suite-musl.log test-suite-root.log test-suite-valgrind.log
