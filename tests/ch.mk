# SPDX-License-Identifier: LGPL-2.1-or-later
# The plugin cloud-hypervisor, with a server of our own that behaves as the
# real program does; and with that, if it is on PATH or named:
# make check CLOUD_HYPERVISOR=/path, which make puts into the environment.

check_PROGRAMS += tests/ch-server/ch-server
tests_ch_server_ch_server_SOURCES = \
	tests/ch-server/devices.c \
	tests/ch-server/guest.c \
	tests/ch-server/http.c \
	tests/ch-server/machine.c \
	tests/ch-server/main.c \
	tests/ch-server/schema.c \
	tests/ch-server/serial.c \
	tests/ch-server/server.h \
	tests/ch-server/snapshot.c \
	$(NULL)
tests_ch_server_ch_server_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ch_server_ch_server_LDADD = $(JSONC_LIBS)

# Where the compiler makes nothing for x86_64 it is empty, and what boots it
# is skipped.
check_SCRIPTS += tests/ch-guest.elf
tests/ch-guest.elf: tests/ch-server/guest.S tests/ch-server/guest.ld
	$(AM_V_GEN)$(MKDIR_P) tests && rm -f $@ $@.tmp && \
	if $(CC) -m64 -nostdlib -static -no-pie -Wl,--build-id=none \
	  -Wl,-T,$(srcdir)/tests/ch-server/guest.ld -Wl,-z,noexecstack \
	  -o $@.tmp $(srcdir)/tests/ch-server/guest.S 2> /dev/null; \
	then mv $@.tmp $@; else : > $@; fi
EXTRA_DIST += tests/ch-server/guest.S tests/ch-server/guest.ld
CLEANFILES += tests/ch-guest.elf

ROOT_TESTS += tests/root/ch-apply.sh tests/root/ch-changes.sh tests/root/ch-console.sh \
	tests/root/ch-faults.sh \
	tests/root/ch-firmware.sh tests/root/ch-rootless.sh \
	tests/root/ch-cloud-init.sh \
	tests/root/ch-same-file.sh tests/root/ch-save.sh \
	tests/root/ch-snapshot.sh \
	tests/root/ch-vm.sh

if HAVE_CMOCKA
ch_test_sources = \
	$(cloud_hypervisor_sources) \
	tests/ch-server/run.c \
	tests/ch-server/run.h \
	tests/kit/fake-host.c \
	tests/kit/fake-host.h \
	tests/unit/test-ch.h \
	$(NULL)
ch_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
ch_test_ldadd = libplugin.la $(CMOCKA_LIBS) $(JSONC_LIBS)

ch_tests = \
	tests/unit/test-ch-api \
	tests/unit/test-ch-args \
	tests/unit/test-ch-devices \
	tests/unit/test-ch-firmware \
	tests/unit/test-ch-run \
	tests/unit/test-ch-save \
	$(NULL)
check_PROGRAMS += $(ch_tests)
TESTS += $(ch_tests)

tests_unit_test_ch_api_SOURCES = tests/unit/test-ch-api.c $(ch_test_sources)
tests_unit_test_ch_api_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_api_LDADD = $(ch_test_ldadd)
tests_unit_test_ch_args_SOURCES = tests/unit/test-ch-args.c $(ch_test_sources)
tests_unit_test_ch_args_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_args_LDADD = $(ch_test_ldadd)
tests_unit_test_ch_devices_SOURCES = tests/unit/test-ch-devices.c $(ch_test_sources)
tests_unit_test_ch_devices_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_devices_LDADD = $(ch_test_ldadd)
tests_unit_test_ch_firmware_SOURCES = tests/unit/test-ch-firmware.c $(ch_test_sources)
tests_unit_test_ch_firmware_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_firmware_LDADD = $(ch_test_ldadd)
tests_unit_test_ch_run_SOURCES = tests/unit/test-ch-run.c $(ch_test_sources)
tests_unit_test_ch_run_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_run_LDADD = $(ch_test_ldadd)
tests_unit_test_ch_save_SOURCES = tests/unit/test-ch-save.c $(ch_test_sources)
tests_unit_test_ch_save_CFLAGS = $(ch_test_cflags)
tests_unit_test_ch_save_LDADD = $(ch_test_ldadd)
endif
