# SPDX-License-Identifier: LGPL-2.1-or-later
if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-qemu-args \
	tests/unit/test-qemu-check \
	tests/unit/test-qemu-devices \
	tests/unit/test-qemu-generations \
	tests/unit/test-qemu-hotplug \
	tests/unit/test-qemu-liar \
	tests/unit/test-qemu-probe \
	tests/unit/test-qemu-qmp \
	tests/unit/test-qemu-run \
	$(NULL)
TESTS += \
	tests/unit/test-qemu-args \
	tests/unit/test-qemu-check \
	tests/unit/test-qemu-devices \
	tests/unit/test-qemu-generations \
	tests/unit/test-qemu-hotplug \
	tests/unit/test-qemu-liar \
	tests/unit/test-qemu-probe \
	tests/unit/test-qemu-qmp \
	tests/unit/test-qemu-run \
	$(NULL)

# The plugin's sources, the host of our own, and one test.
test_qemu_sources = \
	$(qemu_sources) \
	tests/kit/fake-host.c \
	tests/kit/fake-host.h \
	$(NULL)
test_qemu_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
test_qemu_ldadd = libplugin.la $(CMOCKA_LIBS) $(JSONC_LIBS)

tests_unit_test_qemu_args_SOURCES = tests/unit/test-qemu-args.c tests/unit/test-qemu.h \
	$(test_qemu_sources)
tests_unit_test_qemu_args_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_args_LDADD = $(test_qemu_ldadd)

tests_unit_test_qemu_check_SOURCES = tests/unit/test-qemu-check.c $(test_qemu_sources)
tests_unit_test_qemu_check_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_check_LDADD = $(test_qemu_ldadd)

tests_unit_test_qemu_devices_SOURCES = tests/unit/test-qemu-devices.c tests/unit/test-qemu.h \
	$(test_qemu_sources)
tests_unit_test_qemu_devices_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_devices_LDADD = $(test_qemu_ldadd)

tests_unit_test_qemu_generations_SOURCES = tests/unit/test-qemu-generations.c \
	tests/unit/test-qemu.h $(test_qemu_sources)
tests_unit_test_qemu_generations_CFLAGS = $(test_qemu_cflags) -pthread
tests_unit_test_qemu_generations_LDADD = $(test_qemu_ldadd) -lpthread

tests_unit_test_qemu_probe_SOURCES = tests/unit/test-qemu-probe.c $(test_qemu_sources)
tests_unit_test_qemu_probe_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_probe_LDADD = $(test_qemu_ldadd)

tests_unit_test_qemu_qmp_SOURCES = tests/unit/test-qemu-qmp.c $(test_qemu_sources)
tests_unit_test_qemu_qmp_CFLAGS = $(test_qemu_cflags) -pthread
tests_unit_test_qemu_qmp_LDADD = $(test_qemu_ldadd) -lpthread

tests_unit_test_qemu_hotplug_SOURCES = tests/unit/test-qemu-hotplug.c \
	tests/unit/test-qemu-launch.c tests/unit/test-qemu-launch.h \
	$(test_qemu_sources)
tests_unit_test_qemu_hotplug_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_hotplug_LDADD = $(test_qemu_ldadd)

tests_unit_test_qemu_liar_SOURCES = tests/unit/test-qemu-liar.c $(test_qemu_sources)
tests_unit_test_qemu_liar_CFLAGS = $(test_qemu_cflags) -pthread
tests_unit_test_qemu_liar_LDADD = $(test_qemu_ldadd) -lpthread

tests_unit_test_qemu_run_SOURCES = tests/unit/test-qemu-run.c \
	tests/unit/test-qemu-launch.c tests/unit/test-qemu-launch.h \
	$(test_qemu_sources)
tests_unit_test_qemu_run_CFLAGS = $(test_qemu_cflags)
tests_unit_test_qemu_run_LDADD = $(test_qemu_ldadd)
endif
TESTS += \
	tests/shell/qemu-words.sh \
	$(NULL)
EXTRA_DIST += tests/shell/qemu-words.sh
ROOT_TESTS += \
	tests/e2e/apply.sh \
	tests/e2e/diff-machines.sh \
	tests/e2e/hotplug-disk.sh \
	tests/e2e/hotplug-machines.sh \
	tests/e2e/hotplug-nic.sh \
	tests/e2e/hung.sh \
	tests/e2e/save-bare.sh \
	tests/root/facts-kvm.sh \
	tests/root/qemu-disk-full.sh \
	tests/root/save-full.sh \
	$(NULL)
