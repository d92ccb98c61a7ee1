# SPDX-License-Identifier: LGPL-2.1-or-later
# The jail, the filter, the supervisor, helper programs.  The probe is what
# runs in a hypervisor's place: without sanitizers, whose own system calls the
# filter does not know.
if HAVE_CMOCKA
check_PROGRAMS += tests/probe/probe
tests_probe_probe_SOURCES = \
	tests/probe/attacks.h \
	tests/probe/families.h \
	tests/probe/probe.c \
	$(NULL)
tests_probe_probe_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_probe_probe_LDFLAGS = -pthread

check_PROGRAMS += tests/probe/inspect
tests_probe_inspect_SOURCES = tests/probe/inspect.c tests/probe/walk.h
tests_probe_inspect_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(SECCOMP_CFLAGS)
tests_probe_inspect_LDADD = libcore.la $(SECCOMP_LIBS)

check_PROGRAMS += tests/probe/refuse
tests_probe_refuse_SOURCES = tests/probe/refuse.c
tests_probe_refuse_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(SECCOMP_CFLAGS)
tests_probe_refuse_LDADD = $(SECCOMP_LIBS)

# Made like a plugin, as it is to be loaded.
check_LTLIBRARIES += tests/no_notify.la
tests_no_notify_la_SOURCES = tests/probe/no-notify.c
tests_no_notify_la_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN_CFLAGS)
tests_no_notify_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

check_PROGRAMS += tests/probe/jailed
tests_probe_jailed_SOURCES = tests/probe/jailed.c
tests_probe_jailed_LDADD = libcore.la

check_PROGRAMS += tests/probe/cost
tests_probe_cost_SOURCES = tests/probe/cost.c
tests_probe_cost_LDADD = libcore.la

SPAWN_TEST_CPPFLAGS = $(AM_CPPFLAGS) \
	-DPROBE='"$(abs_top_builddir)/tests/probe/probe"' \
	-DSUPERVISOR='"$(abs_top_builddir)/supervisor/hvctl-supervisor"'

check_PROGRAMS += tests/unit/test-filter
TESTS += tests/unit/test-filter
tests_unit_test_filter_SOURCES = tests/unit/test-filter.c tests/probe/walk.h
tests_unit_test_filter_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SECCOMP_CFLAGS)
tests_unit_test_filter_LDADD = libcore.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-spawn-program
TESTS += tests/unit/test-spawn-program
tests_unit_test_spawn_program_SOURCES = \
	tests/unit/test-spawn-lab.h \
	tests/unit/test-spawn-program.c \
	$(NULL)
tests_unit_test_spawn_program_CPPFLAGS = $(SPAWN_TEST_CPPFLAGS)
tests_unit_test_spawn_program_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_spawn_program_LDADD = libcore.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-console
TESTS += tests/unit/test-console
tests_unit_test_console_SOURCES = tests/unit/test-console.c
tests_unit_test_console_CPPFLAGS = $(SPAWN_TEST_CPPFLAGS)
tests_unit_test_console_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_console_LDADD = libcore.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-jail-check
TESTS += tests/unit/test-jail-check
tests_unit_test_jail_check_SOURCES = tests/unit/test-jail-check.c
tests_unit_test_jail_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_jail_check_LDADD = libcore.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-spawn-families
TESTS += tests/unit/test-spawn-families
tests_unit_test_spawn_families_SOURCES = \
	tests/probe/families.h \
	tests/unit/test-spawn-families.c \
	tests/unit/test-spawn-lab.h \
	tests/unit/test-spawn-start.h \
	$(NULL)
tests_unit_test_spawn_families_CPPFLAGS = $(SPAWN_TEST_CPPFLAGS)
tests_unit_test_spawn_families_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_spawn_families_LDADD = libcore.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-spawn-jail
TESTS += tests/unit/test-spawn-jail
tests_unit_test_spawn_jail_SOURCES = \
	tests/probe/attacks.h \
	tests/unit/test-spawn-jail.c \
	tests/unit/test-spawn-lab.h \
	tests/unit/test-spawn-start.h \
	$(NULL)
tests_unit_test_spawn_jail_CPPFLAGS = $(SPAWN_TEST_CPPFLAGS)
tests_unit_test_spawn_jail_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_spawn_jail_LDADD = libcore.la $(CMOCKA_LIBS)
endif

ROOT_TESTS += \
	tests/root/sandbox-cost.sh \
	tests/root/sandbox-exec.sh \
	tests/root/sandbox-exits.sh \
	tests/root/sandbox-filter.sh \
	tests/root/sandbox-hostile.sh \
	tests/root/sandbox-images.sh \
	tests/root/sandbox-io.sh \
	tests/root/sandbox-kernels.sh \
	tests/root/sandbox-learn.sh \
	tests/root/sandbox-mode.sh \
	tests/root/sandbox-order.sh \
	tests/root/sandbox-state.sh \
	tests/root/sandbox-container.sh \
	tests/root/sandbox-violation.sh \
	$(NULL)
