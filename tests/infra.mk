# SPDX-License-Identifier: LGPL-2.1-or-later
# The null plugin, the bad ones, the frozen ABI, the guests, and the tests of
# the whole (tests/*.sh without root, tests/e2e/*.sh with).

# -rpath makes libtool build a shared object though it is not to be installed.
TEST_PLUGIN_CFLAGS = $(AM_CFLAGS)
TEST_PLUGIN_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath /nowhere

# ------------------------------------------------------------ null plugin
check_LTLIBRARIES += tests/null.la
tests_null_la_SOURCES = tests/null/null.c
tests_null_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_null_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)

check_PROGRAMS += tests/null-hypervisor
tests_null_hypervisor_SOURCES = tests/null/null-hypervisor.c
tests_null_hypervisor_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
if STATIC_SUPERVISOR
tests_null_hypervisor_LDFLAGS = -all-static
endif

if HAVE_CMOCKA
check_PROGRAMS += tests/test-null
TESTS += tests/test-null
tests_test_null_SOURCES = \
	tests/test-null.c \
	tests/null/null.c \
	tests/fake-host.c \
	tests/fake-host.h \
	$(NULL)
tests_test_null_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_null_LDADD = libcommon.la $(CMOCKA_LIBS)
endif

# ------------------------------------------------------------ bad plugins
check_LTLIBRARIES += \
	tests/bad_none.la \
	tests/bad_symbol.la \
	tests/bad_abi0.la \
	tests/bad_abi999.la \
	tests/bad_size.la \
	tests/bad_table.la \
	tests/bad_null.la \
	tests/bad_half.la \
	tests/bad_empty.la \
	tests/bad_name.la \
	tests/bad_undefined.la \
	tests/bad_open.la \
	tests/bad_exec.la \
	tests/bad_files.la \
	tests/bad_space.la \
	tests/bad_sti.la \
	tests/bad_socket.la \
	tests/bad_nosuch.la \
	tests/bad_nowhy.la \
	tests/bad_half_list.la \
	$(NULL)
tests_bad_none_la_SOURCES = tests/bad/bad.c
tests_bad_none_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=none -DBAD_NAME=bad-none
tests_bad_none_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_none_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_symbol_la_SOURCES = tests/bad/bad.c
tests_bad_symbol_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=symbol -DBAD_NAME=bad-symbol -DFAULT_SYMBOL
tests_bad_symbol_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_symbol_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_abi0_la_SOURCES = tests/bad/bad.c
tests_bad_abi0_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=abi0 -DBAD_NAME=bad-abi0
tests_bad_abi0_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_abi0_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_abi999_la_SOURCES = tests/bad/bad.c
tests_bad_abi999_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=abi999 -DBAD_NAME=bad-abi999
tests_bad_abi999_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_abi999_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_size_la_SOURCES = tests/bad/bad.c
tests_bad_size_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=size -DBAD_NAME=bad-size
tests_bad_size_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_size_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_table_la_SOURCES = tests/bad/bad.c
tests_bad_table_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=table -DBAD_NAME=bad-table
tests_bad_table_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_table_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_null_la_SOURCES = tests/bad/bad.c
tests_bad_null_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=null -DBAD_NAME=bad-null
tests_bad_null_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_null_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_half_la_SOURCES = tests/bad/bad.c
tests_bad_half_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=half -DBAD_NAME=bad-half
tests_bad_half_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_half_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_empty_la_SOURCES = tests/bad/bad.c
tests_bad_empty_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=empty -DBAD_NAME=bad-empty
tests_bad_empty_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_empty_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_name_la_SOURCES = tests/bad/bad.c
tests_bad_name_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=name -DBAD_NAME=bad-name
tests_bad_name_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_name_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_undefined_la_SOURCES = tests/bad/bad.c
tests_bad_undefined_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=undefined -DBAD_NAME=bad-undefined -DFAULT_UNDEFINED
tests_bad_undefined_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_undefined_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_open_la_SOURCES = tests/bad/bad.c
tests_bad_open_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=open -DBAD_NAME=bad-open
tests_bad_open_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_open_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_exec_la_SOURCES = tests/bad/bad.c
tests_bad_exec_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=exec -DBAD_NAME=bad-exec
tests_bad_exec_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_exec_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_files_la_SOURCES = tests/bad/bad.c
tests_bad_files_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=files -DBAD_NAME=bad-files
tests_bad_files_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_files_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_space_la_SOURCES = tests/bad/bad.c
tests_bad_space_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=space -DBAD_NAME=bad-space
tests_bad_space_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_space_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_sti_la_SOURCES = tests/bad/bad.c
tests_bad_sti_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=sti -DBAD_NAME=bad-sti
tests_bad_sti_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_sti_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_socket_la_SOURCES = tests/bad/bad.c
tests_bad_socket_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=socket -DBAD_NAME=bad-socket
tests_bad_socket_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_socket_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_nosuch_la_SOURCES = tests/bad/bad.c
tests_bad_nosuch_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=nosuch -DBAD_NAME=bad-nosuch
tests_bad_nosuch_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_nosuch_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_nowhy_la_SOURCES = tests/bad/bad.c
tests_bad_nowhy_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=nowhy -DBAD_NAME=bad-nowhy
tests_bad_nowhy_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_nowhy_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_half_list_la_SOURCES = tests/bad/bad.c
tests_bad_half_list_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=half_list -DBAD_NAME=bad-half-list
tests_bad_half_list_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_half_list_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)

# ------------------------------------------------------------- frozen ABI
check_LTLIBRARIES += tests/abi_1.la
tests_abi_1_la_SOURCES = tests/abi/1/old.c tests/abi/1/plugin.h
tests_abi_1_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_abi_1_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)

check_PROGRAMS += tests/test-abi
TESTS += tests/test-abi
tests_test_abi_SOURCES = \
	tests/test-abi.c \
	tests/abi/offset.h \
	tests/abi/1/current.c \
	tests/abi/1/frozen.c \
	tests/abi/1/offsets.h \
	tests/abi/1/plugin.h \
	$(NULL)

# ----------------------------------------------------------------- guests
# Any compiler for x86 assembles it, with or without 32-bit libraries; on
# other machines tests/functions.sh skips what needs it.
check_SCRIPTS += tests/tiny.elf
tests/tiny.elf: tests/guest/tiny.S tests/guest/tiny.ld
	$(AM_V_GEN)if $(CC) -m32 -nostdlib -ffreestanding -static \
	  -Wl,--build-id=none -Wl,-T,$(srcdir)/tests/guest/tiny.ld \
	  -o $@.tmp $(srcdir)/tests/guest/tiny.S; then mv $@.tmp $@; \
	  else rm -f $@; fi
check_SCRIPTS += tests/exits.bin
tests/exits.bin: tests/guest/exits.S
	$(AM_V_GEN)if $(CC) -m32 -nostdlib -ffreestanding -static \
	  -Wl,--build-id=none -Wl,--oformat=binary -Wl,-Ttext=0 \
	  -o $@.tmp $(srcdir)/tests/guest/exits.S; then mv $@.tmp $@; \
	  else rm -f $@; fi
EXTRA_DIST += \
	tests/guest/exits.S \
	tests/guest/init \
	tests/guest/linux \
	tests/guest/tiny.S \
	tests/guest/tiny.ld \
	$(NULL)
CLEANFILES += tests/exits.bin tests/tiny.elf

# ------------------------------------------------------ tests of the whole
SHELL_TESTS = \
	tests/abi.sh \
	tests/bad-plugins.sh \
	tests/clash.sh \
	tests/crash.sh \
	tests/header.sh \
	tests/input.sh \
	tests/interrupt.sh \
	tests/last-words.sh \
	tests/no-la.sh \
	tests/order.sh \
	tests/own-calls.sh \
	tests/readonly.sh \
	tests/rollback.sh \
	tests/stale.sh \
	tests/stop-ways.sh \
	tests/supervisor.sh \
	tests/two-starts.sh \
	tests/vhost-user.sh \
	tests/volume.sh \
	$(NULL)
TESTS += $(SHELL_TESTS)
EXTRA_DIST += $(SHELL_TESTS)

ROOT_TESTS += \
	tests/e2e/bad-host.sh \
	tests/e2e/bridge.sh \
	tests/e2e/console.sh \
	tests/e2e/create.sh \
	tests/e2e/disk-in-use.sh \
	tests/e2e/ends-by-itself.sh \
	tests/e2e/kvm.sh \
	tests/e2e/lifecycle.sh \
	tests/e2e/linux-disk.sh \
	tests/e2e/logs.sh \
	tests/e2e/machines.sh \
	tests/e2e/macvtap.sh \
	tests/e2e/many.sh \
	tests/e2e/plan-command.sh \
	tests/e2e/resize.sh \
	tests/e2e/rootless.sh \
	tests/e2e/run.sh \
	tests/e2e/save.sh \
	tests/e2e/sandbox.sh \
	tests/e2e/several.sh \
	tests/e2e/stop-deaf.sh \
	tests/e2e/uefi.sh \
	tests/e2e/user-forward.sh \
	tests/root/passt.sh \
	tests/root/passt-faults.sh \
	$(NULL)
