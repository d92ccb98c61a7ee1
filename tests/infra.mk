# SPDX-License-Identifier: LGPL-2.1-or-later
# The null plugin, the bad ones, the frozen ABI, the guests, the faults.

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
check_PROGRAMS += tests/unit/test-null
TESTS += tests/unit/test-null
tests_unit_test_null_SOURCES = \
	tests/unit/test-null.c \
	tests/null/null.c \
	tests/kit/fake-host.c \
	tests/kit/fake-host.h \
	$(NULL)
tests_unit_test_null_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_null_LDADD = libplugin.la $(CMOCKA_LIBS)
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
	tests/bad_start_exit.la \
	tests/bad_start_crash.la \
	tests/bad_start_loop.la \
	tests/bad_key_type.la \
	tests/bad_key_name.la \
	tests/bad_key_twice.la \
	tests/bad_key_ours.la \
	tests/bad_key_default.la \
	tests/bad_key_path.la \
	tests/bad_key_summary.la \
	tests/bad_key_end.la \
	tests/bad_pool_type.la \
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
tests_bad_start_exit_la_SOURCES = tests/bad/bad.c
tests_bad_start_exit_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=start_exit -DBAD_NAME=bad-start-exit -DFAULT_START=1
tests_bad_start_exit_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_start_exit_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_start_crash_la_SOURCES = tests/bad/bad.c
tests_bad_start_crash_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=start_crash -DBAD_NAME=bad-start-crash -DFAULT_START=1
tests_bad_start_crash_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_start_crash_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_start_loop_la_SOURCES = tests/bad/bad.c
tests_bad_start_loop_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=start_loop -DBAD_NAME=bad-start-loop -DFAULT_START=1
tests_bad_start_loop_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_start_loop_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_type_la_SOURCES = tests/bad/bad.c
tests_bad_key_type_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_type -DBAD_NAME=bad-key-type
tests_bad_key_type_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_type_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_name_la_SOURCES = tests/bad/bad.c
tests_bad_key_name_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_name -DBAD_NAME=bad-key-name
tests_bad_key_name_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_name_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_twice_la_SOURCES = tests/bad/bad.c
tests_bad_key_twice_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_twice -DBAD_NAME=bad-key-twice
tests_bad_key_twice_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_twice_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_ours_la_SOURCES = tests/bad/bad.c
tests_bad_key_ours_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_ours -DBAD_NAME=bad-key-ours
tests_bad_key_ours_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_ours_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_default_la_SOURCES = tests/bad/bad.c
tests_bad_key_default_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_default -DBAD_NAME=bad-key-default
tests_bad_key_default_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_default_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_path_la_SOURCES = tests/bad/bad.c
tests_bad_key_path_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_path -DBAD_NAME=bad-key-path
tests_bad_key_path_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_path_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_summary_la_SOURCES = tests/bad/bad.c
tests_bad_key_summary_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_summary -DBAD_NAME=bad-key-summary
tests_bad_key_summary_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_summary_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_key_end_la_SOURCES = tests/bad/bad.c
tests_bad_key_end_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=key_end -DBAD_NAME=bad-key-end -DFAULT_KEY_END=1
tests_bad_key_end_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_key_end_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)
tests_bad_pool_type_la_SOURCES = tests/bad/bad.c
tests_bad_pool_type_la_CPPFLAGS = $(AM_CPPFLAGS) -DBAD=pool_type -DBAD_NAME=bad-pool-type
tests_bad_pool_type_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_bad_pool_type_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)

# ------------------------------------------------------------- frozen ABI
check_LTLIBRARIES += tests/abi_1.la
tests_abi_1_la_SOURCES = tests/abi/1/old.c tests/abi/1/plugin.h
tests_abi_1_la_CFLAGS = $(TEST_PLUGIN_CFLAGS)
tests_abi_1_la_LDFLAGS = $(TEST_PLUGIN_LDFLAGS)

check_PROGRAMS += tests/unit/test-abi
TESTS += tests/unit/test-abi
tests_unit_test_abi_SOURCES = \
	tests/unit/test-abi.c \
	tests/abi/offset.h \
	tests/abi/1/current.c \
	tests/abi/1/frozen.c \
	tests/abi/1/offsets.h \
	tests/abi/1/plugin.h \
	$(NULL)

# --------------------------------------------------- the order of directories
# To be preloaded, also into what was built without sanitizers.
check_LTLIBRARIES += tests/shuffle.la
tests_shuffle_la_SOURCES = tests/probe/shuffle.c
tests_shuffle_la_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_shuffle_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

# ----------------------------------------------------------------- guests
# Any compiler for x86 assembles it, with or without 32-bit libraries; on
# other machines tests/kit/functions.sh skips what needs it.
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

# ----------------------------------------------------------------- faults
check_PROGRAMS += tests/faults/inject
tests_faults_inject_SOURCES = tests/faults/inject.c
tests_faults_inject_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
EXTRA_DIST += tests/faults/part.sh tests/faults/points.sh \
	tests/faults/world.sh

# All points of all commands, which takes hours; HVCTL_TEST_COMMANDS="start
# save" are those of some, HVCTL_TEST_JOBS how many worlds there are.
check-faults: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=
	for test in points points-ovs points-zfs; do \
	  HVCTL_TEST_POINTS=all abs_top_srcdir='$(abs_top_srcdir)' \
	  abs_top_builddir='$(abs_top_builddir)' \
	  HVCTL='$(abs_top_builddir)/hvctl' \
	  sh $(top_srcdir)/tests/faults/$$test.sh || exit 1; done
.PHONY: check-faults
