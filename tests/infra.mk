# SPDX-License-Identifier: LGPL-2.1-or-later
# The null plugin, the bad ones, the frozen ABI, the guests, and the tests of
# the whole (tests/shell/*.sh without root, tests/e2e/*.sh with).

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

# ------------------------------------------------------ tests of the whole
SHELL_TESTS = \
	tests/shell/abi.sh \
	tests/shell/again.sh \
	tests/shell/agent.sh \
	tests/shell/agent-freeze.sh \
	tests/shell/agent-hostile.sh \
	tests/shell/agent-stop.sh \
	tests/shell/apply-shown.sh \
	tests/shell/apply.sh \
	tests/shell/diff-true.sh \
	tests/shell/diff.sh \
	tests/shell/bad-plugins.sh \
	tests/shell/base-replaced-new.sh \
	tests/shell/by-hand.sh \
	tests/shell/clash.sh \
	tests/shell/nearest.sh \
	tests/shell/taken.sh \
	tests/shell/identity.sh \
	tests/shell/completion.sh \
	tests/shell/crash.sh \
	tests/shell/directory-order.sh \
	tests/shell/edit-killed.sh \
	tests/shell/ended.sh \
	tests/shell/exit-codes.sh \
	tests/shell/exit-config.sh \
	tests/faults/letting-go.sh \
	tests/faults/died.sh \
	tests/faults/null.sh \
	tests/shell/broken-host.sh \
	tests/shell/gone-words.sh \
	tests/shell/fleet-change.sh \
	tests/shell/fleet-input.sh \
	tests/shell/fleet.sh \
	tests/shell/growth.sh \
	tests/shell/header.sh \
	tests/shell/image-disk.sh \
	tests/shell/image-fetch.sh \
	tests/shell/image-fetch-again.sh \
	tests/shell/image-fetch-killed.sh \
	tests/shell/image-fetch-progress.sh \
	tests/shell/image-fetch-tls.sh \
	tests/shell/image-killed.sh \
	tests/shell/image-known.sh \
	tests/shell/image-sums.sh \
	tests/shell/image-packed.sh \
	tests/shell/image.sh \
	tests/shell/input.sh \
	tests/shell/interrupt.sh \
	tests/shell/import-again.sh \
	tests/shell/import-bad.sh \
	tests/shell/import-killed.sh \
	tests/shell/import-names.sh \
	tests/shell/import-seeds.sh \
	tests/shell/jobs-room.sh \
	tests/shell/jobs-terminal.sh \
	tests/shell/jobs.sh \
	tests/shell/select.sh \
	tests/shell/start-order.sh \
	tests/shell/json-schema.sh \
	tests/shell/last-words.sh \
	tests/shell/identified.sh \
	tests/shell/list-columns.sh \
	tests/shell/logs-flood.sh \
	tests/shell/logs.sh \
	tests/shell/loops.sh \
	tests/shell/lost-run.sh \
	tests/shell/metadata.sh \
	tests/shell/named-files.sh \
	tests/shell/named-paths.sh \
	tests/shell/no-la.sh \
	tests/shell/options.sh \
	tests/shell/order.sh \
	tests/shell/others-wait.sh \
	tests/shell/outlived.sh \
	tests/shell/output.sh \
	tests/shell/own-calls.sh \
	tests/shell/plugin-answers.sh \
	tests/shell/plugin-escapes.sh \
	tests/shell/plugin-loops.sh \
	tests/shell/reach-none.sh \
	tests/shell/readonly.sh \
	tests/shell/remedies.sh \
	tests/shell/restart.sh \
	tests/shell/revert-written.sh \
	tests/shell/rm-asks.sh \
	tests/shell/rollback.sh \
	tests/shell/same-file.sh \
	tests/shell/saved.sh \
	tests/shell/sigchld.sh \
	tests/shell/stale.sh \
	tests/shell/status-nics.sh \
	tests/shell/sweep-race.sh \
	tests/shell/stop-ways.sh \
	tests/shell/supervisor.sh \
	tests/shell/taken-back.sh \
	tests/shell/templates.sh \
	tests/shell/templates-change.sh \
	tests/shell/templates-lost.sh \
	tests/shell/templates-seeds.sh \
	tests/shell/turns.sh \
	tests/shell/twice.sh \
	tests/shell/two-starts.sh \
	tests/shell/unable.sh \
	tests/shell/unfinished.sh \
	tests/shell/validate-host.sh \
	tests/shell/vhost-user.sh \
	tests/shell/volume.sh \
	tests/shell/words.sh \
	$(NULL)
TESTS += $(SHELL_TESTS)
EXTRA_DIST += \
	tests/seeds/5gdeploy/a.effective \
	tests/seeds/5gdeploy/a.origin \
	tests/seeds/5gdeploy/b.effective \
	tests/seeds/5gdeploy/b.origin \
	tests/seeds/5gdeploy/c.effective \
	tests/seeds/5gdeploy/c.origin \
	tests/seeds/5gdeploy/hvctl.conf \
	tests/seeds/5gdeploy/vm.d/a.conf \
	tests/seeds/5gdeploy/vm.d/b.conf \
	tests/seeds/5gdeploy/vm.d/c.conf \
	tests/seeds/balena/hvctl.conf \
	tests/seeds/balena/standard-0.effective \
	tests/seeds/balena/standard-0.origin \
	tests/seeds/balena/standard-4.effective \
	tests/seeds/balena/standard-4.origin \
	tests/seeds/balena/vm.d/standard.conf \
	tests/seeds/machina/conf.d/desktop.conf \
	tests/seeds/machina/hvctl.conf \
	tests/seeds/machina/test-vm.effective \
	tests/seeds/machina/test-vm.origin \
	tests/seeds/machina/vm.d/test-vm.conf \
	tests/seeds/virshle/hvctl.conf \
	tests/seeds/virshle/sasuke_uchiha.effective \
	tests/seeds/virshle/sasuke_uchiha.origin \
	tests/seeds/virshle/vm.d/sasuke_uchiha.conf \
	tests/seeds/virshle/vm.d/xs.conf \
	tests/seeds/virshle/xs-0.effective \
	tests/seeds/virshle/xs-0.origin \
	tests/seeds/virshle/xs-2.effective \
	tests/seeds/virshle/xs-2.origin \
	$(NULL)
EXTRA_DIST += \
	tests/seeds/import/5gdeploy/fixed.args \
	tests/seeds/import/5gdeploy/fixed.known \
	tests/seeds/import/5gdeploy/forms.args \
	tests/seeds/import/5gdeploy/forms.known \
	tests/seeds/import/5gdeploy/readme.known \
	tests/seeds/import/5gdeploy/readme.sh \
	tests/seeds/import/balena/guests.odd.yml \
	tests/seeds/import/balena/guests.raid.yml \
	tests/seeds/import/balena/guests.x86_64.yml \
	tests/seeds/import/balena/odd.known \
	tests/seeds/import/balena/raid.known \
	tests/seeds/import/balena/standard.known \
	tests/seeds/import/libvirt/arm.known \
	tests/seeds/import/libvirt/arm.xml \
	tests/seeds/import/libvirt/bridged.known \
	tests/seeds/import/libvirt/bridged.xml \
	tests/seeds/import/libvirt/desk.known \
	tests/seeds/import/libvirt/desk.xml \
	tests/seeds/import/libvirt/direct.known \
	tests/seeds/import/libvirt/direct.xml \
	tests/seeds/import/libvirt/disks.known \
	tests/seeds/import/libvirt/disks.xml \
	tests/seeds/import/libvirt/macvtap.known \
	tests/seeds/import/libvirt/macvtap.xml \
	tests/seeds/import/libvirt/odd.known \
	tests/seeds/import/libvirt/odd.xml \
	tests/seeds/import/libvirt/secure.known \
	tests/seeds/import/libvirt/secure.xml \
	tests/seeds/import/libvirt/web.known \
	tests/seeds/import/libvirt/web.xml \
	tests/seeds/import/machina/machina.conf.json \
	tests/seeds/import/machina/machina.known \
	tests/seeds/import/machina/both.conf.json \
	tests/seeds/import/machina/order.conf.json \
	tests/seeds/import/machina/order.known \
	tests/seeds/import/machina/own.conf.json \
	tests/seeds/import/machina/plain.conf.json \
	tests/seeds/import/machina/test-vm.conf.json \
	tests/seeds/import/machina/vm1.conf.json \
	tests/seeds/import/virshle/config.known \
	tests/seeds/import/virshle/config.toml \
	tests/seeds/import/virshle/odd.known \
	tests/seeds/import/virshle/odd.toml \
	$(NULL)
EXTRA_DIST += $(SHELL_TESTS) tests/kit/suspended-hvctl.sh \
	tests/kit/suspended-verbs.sh tests/kit/rooms.awk \
	tests/kit/image-faults.sh tests/kit/web.sh tests/kit/web-server.py \
	tests/kit/strings.awk tests/kit/json-schema.py tests/kit/agent.sh \
	tests/kit/agent_stub.py

# What has to end within a second or so, while it keeps the processors busy:
# tools/check runs few of these at once.
PROMPT_TESTS = \
	tests/faults/plugging.sh \
	tests/faults/points-change.sh \
	tests/faults/points-vm.sh \
	tests/faults/points-volume.sh \
	tests/faults/points-ovs.sh \
	tests/faults/points-zfs.sh \
	tests/faults/race.sh \
	tests/shell/suspended-passt.sh \
	tests/shell/suspended.sh \
	tests/shell/suspended-change.sh \
	tests/shell/suspended-release.sh \
	tests/shell/suspended-start.sh \
	tests/shell/suspended-tending.sh \
	$(NULL)

ROOT_TESTS += \
	$(PROMPT_TESTS) \
	tests/root/reach.sh \
	tests/e2e/agent.sh \
	tests/e2e/bad-host.sh \
	tests/e2e/base-replaced.sh \
	tests/e2e/bridge.sh \
	tests/e2e/console.sh \
	tests/e2e/console-terminal.sh \
	tests/e2e/clone.sh \
	tests/e2e/cloud-init.sh \
	tests/e2e/create.sh \
	tests/e2e/disk-in-use.sh \
	tests/e2e/doctor.sh \
	tests/e2e/ends-by-itself.sh \
	tests/e2e/fleet.sh \
	tests/e2e/kvm.sh \
	tests/e2e/lifecycle.sh \
	tests/e2e/linux-disk.sh \
	tests/e2e/logs-flood.sh \
	tests/e2e/logs.sh \
	tests/e2e/machines.sh \
	tests/e2e/macvtap.sh \
	tests/e2e/many.sh \
	tests/e2e/other-netns.sh \
	tests/e2e/plan-command.sh \
	tests/e2e/resize.sh \
	tests/e2e/rootless.sh \
	tests/e2e/death.sh \
	tests/e2e/run.sh \
	tests/e2e/save.sh \
	tests/e2e/sandbox.sh \
	tests/e2e/autostart.sh \
	tests/e2e/several.sh \
	tests/e2e/start-cost.sh \
	tests/e2e/snapshot-disturbed.sh \
	tests/e2e/snapshot-half.sh \
	tests/e2e/status-disks.sh \
	tests/e2e/stop-booting.sh \
	tests/e2e/stop-deaf.sh \
	tests/e2e/uefi.sh \
	tests/e2e/user-forward.sh \
	tests/root/import-seeds.sh \
	tests/root/passt.sh \
	tests/root/passt-faults.sh \
	tests/root/passt-refused.sh \
	tests/root/taken-over-images.sh \
	tests/root/taken-over-io.sh \
	tests/root/taken-over.sh \
	tests/root/trust.sh \
	tests/root/user-places.sh \
	$(NULL)
