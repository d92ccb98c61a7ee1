# SPDX-License-Identifier: LGPL-2.1-or-later
# The core, by its modules, and the structure of the tree.
if HAVE_CMOCKA
core_world = tests/kit/core-world.c tests/kit/core-world.h
core_world_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
core_world_ldadd = libcore.la libcommon.la $(CMOCKA_LIBS) $(JSONC_LIBS)

check_PROGRAMS += tests/unit/test-core-common
TESTS += tests/unit/test-core-common
tests_unit_test_core_common_SOURCES = tests/unit/test-core-common.c $(core_world)
tests_unit_test_core_common_CFLAGS = $(core_world_cflags)
tests_unit_test_core_common_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-learn
TESTS += tests/unit/test-core-learn
tests_unit_test_core_learn_SOURCES = tests/unit/test-core-learn.c $(core_world)
tests_unit_test_core_learn_CFLAGS = $(core_world_cflags)
tests_unit_test_core_learn_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-error
TESTS += tests/unit/test-core-error
tests_unit_test_core_error_SOURCES = tests/unit/test-core-error.c $(core_world)
tests_unit_test_core_error_CFLAGS = $(core_world_cflags)
tests_unit_test_core_error_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-config
TESTS += tests/unit/test-core-config
tests_unit_test_core_config_SOURCES = tests/unit/test-core-config.c $(core_world)
tests_unit_test_core_config_CFLAGS = $(core_world_cflags)
tests_unit_test_core_config_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-definition
TESTS += tests/unit/test-core-definition
tests_unit_test_core_definition_SOURCES = tests/unit/test-core-definition.c $(core_world)
tests_unit_test_core_definition_CFLAGS = $(core_world_cflags)
tests_unit_test_core_definition_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-host
TESTS += tests/unit/test-core-host
tests_unit_test_core_host_SOURCES = tests/unit/test-core-host.c $(core_world)
tests_unit_test_core_host_CFLAGS = $(core_world_cflags)
tests_unit_test_core_host_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-loader
TESTS += tests/unit/test-core-loader
tests_unit_test_core_loader_SOURCES = tests/unit/test-core-loader.c $(core_world)
tests_unit_test_core_loader_CFLAGS = $(core_world_cflags)
tests_unit_test_core_loader_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-plan
TESTS += tests/unit/test-core-plan
tests_unit_test_core_plan_SOURCES = tests/unit/test-core-plan.c $(core_world)
tests_unit_test_core_plan_CFLAGS = $(core_world_cflags)
tests_unit_test_core_plan_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-state
TESTS += tests/unit/test-core-state
tests_unit_test_core_state_SOURCES = tests/unit/test-core-state.c $(core_world)
tests_unit_test_core_state_CFLAGS = $(core_world_cflags) -pthread
tests_unit_test_core_state_LDADD = $(core_world_ldadd) -lpthread

check_PROGRAMS += tests/unit/test-spawn-zombies
TESTS += tests/unit/test-spawn-zombies
tests_unit_test_spawn_zombies_SOURCES = tests/unit/test-spawn-zombies.c \
	$(core_world)
tests_unit_test_spawn_zombies_CFLAGS = $(core_world_cflags) -pthread
tests_unit_test_spawn_zombies_LDADD = $(core_world_ldadd) -lpthread

check_PROGRAMS += tests/unit/test-image-sums
TESTS += tests/unit/test-image-sums
tests_unit_test_image_sums_SOURCES = tests/unit/test-image-sums.c
tests_unit_test_image_sums_CFLAGS = $(core_world_cflags)
tests_unit_test_image_sums_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-identity
TESTS += tests/unit/test-identity
tests_unit_test_identity_SOURCES = tests/unit/test-identity.c $(core_world)
tests_unit_test_identity_CFLAGS = $(core_world_cflags)
tests_unit_test_identity_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-edit
TESTS += tests/unit/test-core-edit
tests_unit_test_core_edit_SOURCES = tests/unit/test-core-edit.c $(core_world)
tests_unit_test_core_edit_CFLAGS = $(core_world_cflags)
tests_unit_test_core_edit_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-leases
TESTS += tests/unit/test-leases
tests_unit_test_leases_SOURCES = tests/unit/test-leases.c cli/leases.c
tests_unit_test_leases_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_leases_LDADD = libcore.la $(CMOCKA_LIBS) $(JSONC_LIBS)

check_PROGRAMS += tests/unit/test-about
TESTS += tests/unit/test-about
tests_unit_test_about_SOURCES = \
	tests/unit/test-about.c \
	$(core_world) \
	$(NULL)
tests_unit_test_about_CFLAGS = $(core_world_cflags)
tests_unit_test_about_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-fleet
TESTS += tests/unit/test-core-fleet
tests_unit_test_core_fleet_SOURCES = tests/unit/test-core-fleet.c $(core_world)
tests_unit_test_core_fleet_CFLAGS = $(core_world_cflags)
tests_unit_test_core_fleet_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-import
TESTS += tests/unit/test-import
tests_unit_test_import_SOURCES = tests/unit/test-import.c
tests_unit_test_import_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_import_LDADD = \
	libimport.la libread.la libcore.la libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-core-rename
TESTS += tests/unit/test-core-rename
tests_unit_test_core_rename_SOURCES = \
	tests/unit/test-core-rename.c \
	$(core_world) \
	$(NULL)
tests_unit_test_core_rename_CFLAGS = $(core_world_cflags)
tests_unit_test_core_rename_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-core-template
TESTS += tests/unit/test-core-template
tests_unit_test_core_template_SOURCES = \
	tests/unit/test-core-template.c \
	$(core_world) \
	$(NULL)
tests_unit_test_core_template_CFLAGS = $(core_world_cflags)
tests_unit_test_core_template_LDADD = $(core_world_ldadd)

check_PROGRAMS += tests/unit/test-expand
TESTS += tests/unit/test-expand
tests_unit_test_expand_SOURCES = tests/unit/test-expand.c
tests_unit_test_expand_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_expand_LDADD = libcore.la libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-core-journal
TESTS += tests/unit/test-core-journal
tests_unit_test_core_journal_SOURCES = tests/unit/test-core-journal.c $(core_world)
tests_unit_test_core_journal_CFLAGS = $(core_world_cflags)
tests_unit_test_core_journal_LDADD = $(core_world_ldadd)

# Every key with every hypervisor.  The plugins find support-kvm.c.
check_PROGRAMS += tests/unit/test-support
TESTS += tests/unit/test-support
tests_unit_test_support_SOURCES = \
	tests/kit/support-diff.c tests/kit/support-diff.h \
	tests/kit/support-keys.c \
	tests/kit/support-kvm.c \
	tests/kit/support-peers.c \
	tests/kit/support-world.h \
	tests/unit/test-support.c \
	$(core_world) \
	$(NULL)
tests_unit_test_support_CFLAGS = $(core_world_cflags) -pthread
tests_unit_test_support_LDADD = $(core_world_ldadd) -lpthread
tests_unit_test_support_LDFLAGS = $(AM_LDFLAGS) -export-dynamic

check_PROGRAMS += tests/unit/test-core-choose
TESTS += tests/unit/test-core-choose
tests_unit_test_core_choose_SOURCES = \
	tests/kit/support-kvm.c \
	tests/unit/test-core-choose.c \
	$(core_world) \
	$(NULL)
tests_unit_test_core_choose_CFLAGS = $(core_world_cflags)
tests_unit_test_core_choose_LDADD = $(core_world_ldadd)
tests_unit_test_core_choose_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
endif

core_shell_tests = \
	tests/shell/changes.sh \
	tests/shell/clone-identity.sh \
	tests/shell/clone.sh \
	tests/shell/cloud-init.sh \
	tests/shell/cloud-init-killed.sh \
	tests/shell/fixed-files.sh \
	tests/shell/fleet-races.sh \
	tests/shell/layers.sh \
	tests/shell/leftovers.sh \
	tests/shell/quoted.sh \
	tests/shell/rename-killed.sh \
	tests/shell/rename.sh \
	tests/shell/resize-image.sh \
	tests/shell/rm-races.sh \
	tests/shell/rm-shared.sh \
	tests/shell/values.sh \
	$(NULL)
TESTS += $(core_shell_tests)
EXTRA_DIST += $(core_shell_tests)

# ---------------------------------------------------------------- fuzzing
# Built with libFuzzer by tests/fuzz/run; here each runs its seeds.
fuzz_runner = tests/fuzz/fuzz.h tests/fuzz/runner.c
check_PROGRAMS += \
	tests/fuzz/fuzz-agent \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-expand \
	tests/fuzz/fuzz-firmware \
	tests/fuzz/fuzz-import \
	tests/fuzz/fuzz-ovsdb \
	tests/fuzz/fuzz-qmp \
	tests/fuzz/fuzz-state \
	$(NULL)
tests_fuzz_fuzz_agent_SOURCES = tests/fuzz/fuzz-agent.c $(fuzz_runner)
tests_fuzz_fuzz_agent_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_agent_LDADD = libcore.la libcommon.la
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(fuzz_runner)
tests_fuzz_fuzz_config_LDADD = libcore.la libcommon.la
tests_fuzz_fuzz_expand_SOURCES = tests/fuzz/fuzz-expand.c $(fuzz_runner)
tests_fuzz_fuzz_expand_LDADD = libcore.la libcommon.la
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz-import.c $(fuzz_runner)
tests_fuzz_fuzz_import_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_import_LDADD = libimport.la libread.la libcore.la libcommon.la
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz-state.c $(fuzz_runner)
tests_fuzz_fuzz_state_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_state_LDADD = libcore.la libcommon.la
tests_fuzz_fuzz_ovsdb_SOURCES = \
	tests/fuzz/fuzz-ovsdb.c $(fuzz_runner) \
	plugins/net-ovs/ovsdb.c plugins/net-ovs/ovsdb.h \
	plugins/net-ovs/results.c \
	plugins/net-ovs/transaction.c plugins/net-ovs/transaction.h \
	plugins/net-ovs/value.c plugins/net-ovs/value.h \
	tests/kit/fake-host.c tests/kit/fake-host.h
tests_fuzz_fuzz_ovsdb_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_ovsdb_LDADD = libplugin.la $(JSONC_LIBS)
tests_fuzz_fuzz_qmp_SOURCES = \
	tests/fuzz/fuzz-qmp.c $(fuzz_runner) \
	plugins/qemu/qmp.c plugins/qemu/qmp.h \
	tests/kit/fake-host.c tests/kit/fake-host.h
tests_fuzz_fuzz_qmp_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_qmp_LDADD = libplugin.la $(JSONC_LIBS)
tests_fuzz_fuzz_firmware_SOURCES = \
	tests/fuzz/fuzz-firmware.c $(fuzz_runner) \
	plugins/firmware-qemu/descriptor.c plugins/firmware-qemu/descriptor.h \
	plugins/firmware-qemu/firmware-qemu.c \
	tests/kit/fake-host.c tests/kit/fake-host.h
tests_fuzz_fuzz_firmware_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_fuzz_fuzz_firmware_LDADD = libplugin.la $(JSONC_LIBS)

TESTS += tests/fuzz/fuzz-corpus.sh
EXTRA_DIST += \
	tests/fuzz/fuzz-corpus.sh \
	tests/fuzz/run \
	tests/fuzz/agent/addresses \
	tests/fuzz/agent/error \
	tests/fuzz/agent/odd \
	tests/fuzz/config/fleet \
	tests/fuzz/config/host \
	tests/fuzz/config/host-odd \
	tests/fuzz/config/vm \
	tests/fuzz/config/vm-about \
	tests/fuzz/config/count \
	tests/fuzz/config/vm-odd \
	tests/fuzz/config/vm-syntax \
	tests/fuzz/expand/good \
	tests/fuzz/expand/least \
	tests/fuzz/expand/nested \
	tests/fuzz/expand/odd \
	tests/fuzz/expand/overflow \
	tests/fuzz/import/5gdeploy-forms \
	tests/fuzz/import/5gdeploy-odd \
	tests/fuzz/import/5gdeploy-readme \
	tests/fuzz/import/balena-control \
	tests/fuzz/import/balena-guests \
	tests/fuzz/import/balena-odd \
	tests/fuzz/import/balena-texts \
	tests/fuzz/import/libvirt-desk \
	tests/fuzz/import/libvirt-disks \
	tests/fuzz/import/machina-environment \
	tests/fuzz/import/machina-machina \
	tests/fuzz/import/machina-order \
	tests/fuzz/import/machina-vm1 \
	tests/fuzz/import/virshle-config \
	tests/fuzz/import/virshle-unreachable \
	tests/fuzz/state/end \
	tests/fuzz/state/end-signal \
	tests/fuzz/state/journal \
	tests/fuzz/state/journal-cut \
	tests/fuzz/state/state \
	tests/fuzz/qmp/error \
	tests/fuzz/qmp/odd \
	tests/fuzz/qmp/session \
	tests/fuzz/ovsdb/cut \
	tests/fuzz/ovsdb/error \
	tests/fuzz/ovsdb/odd \
	tests/fuzz/ovsdb/refused \
	tests/fuzz/ovsdb/session \
	tests/fuzz/firmware/memory \
	tests/fuzz/firmware/stateless \
	tests/fuzz/firmware/x86 \
	$(NULL)
