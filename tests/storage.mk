# SPDX-License-Identifier: LGPL-2.1-or-later
# Storage and firmware: each plugin's sources with the fake host, qemu-img
# being the real one.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-qcow2
TESTS += tests/unit/test-qcow2
tests_unit_test_qcow2_SOURCES = tests/unit/test-qcow2.c
tests_unit_test_qcow2_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_qcow2_LDADD = libcommon.la $(CMOCKA_LIBS)

fake_host = tests/kit/fake-host.c tests/kit/fake-host.h
storage_raw = $(fake_host) tests/unit/test-storage.h \
	plugins/common/volume.c plugins/common/volume.h \
	plugins/storage-raw/storage-raw.c
storage_qcow2 = $(fake_host) tests/unit/test-storage.h \
	plugins/common/volume.c plugins/common/volume.h \
	plugins/storage-qcow2/chain.c plugins/storage-qcow2/chain.h \
	plugins/storage-qcow2/forget.c plugins/storage-qcow2/image.c \
	plugins/storage-qcow2/snapshot.c \
	plugins/storage-qcow2/storage-qcow2.c \
	plugins/storage-qcow2/storage-qcow2.h \
	plugins/storage-qcow2/stream.c \
	plugins/storage-qcow2/users.c
firmware_qemu = $(fake_host) \
	plugins/firmware-qemu/descriptor.c plugins/firmware-qemu/descriptor.h \
	plugins/firmware-qemu/firmware-qemu.c

check_PROGRAMS += tests/unit/test-storage-raw
TESTS += tests/unit/test-storage-raw
tests_unit_test_storage_raw_SOURCES = tests/unit/test-storage-raw.c $(storage_raw)
tests_unit_test_storage_raw_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_raw_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-storage-qcow2
TESTS += tests/unit/test-storage-qcow2
tests_unit_test_storage_qcow2_SOURCES = tests/unit/test-storage-qcow2.c $(storage_qcow2)
tests_unit_test_storage_qcow2_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_qcow2_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-storage-snapshot
TESTS += tests/unit/test-storage-snapshot
tests_unit_test_storage_snapshot_SOURCES = \
	tests/unit/test-storage-snapshot.c $(storage_qcow2)
tests_unit_test_storage_snapshot_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_snapshot_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-storage-stream
TESTS += tests/unit/test-storage-stream
tests_unit_test_storage_stream_SOURCES = \
	tests/unit/test-storage-stream.c $(storage_qcow2)
tests_unit_test_storage_stream_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_stream_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-storage-chain
TESTS += tests/unit/test-storage-chain
tests_unit_test_storage_chain_SOURCES = tests/unit/test-storage-chain.c $(storage_qcow2)
tests_unit_test_storage_chain_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_chain_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-firmware-qemu
TESTS += tests/unit/test-firmware-qemu
tests_unit_test_firmware_qemu_SOURCES = tests/unit/test-firmware-qemu.c $(firmware_qemu)
tests_unit_test_firmware_qemu_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_firmware_qemu_LDADD = libplugin.la $(CMOCKA_LIBS) $(JSONC_LIBS)

check_PROGRAMS += tests/unit/test-firmware-installed
TESTS += tests/unit/test-firmware-installed
tests_unit_test_firmware_installed_SOURCES = \
	tests/unit/test-firmware-installed.c $(firmware_qemu)
tests_unit_test_firmware_installed_CFLAGS = \
	$(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_firmware_installed_LDADD = \
	libplugin.la $(CMOCKA_LIBS) $(JSONC_LIBS)

# These two are run by the scripts of the same names in tests/root.
check_PROGRAMS += tests/unit/test-storage-full tests/unit/test-storage-block
tests_unit_test_storage_full_SOURCES = tests/unit/test-storage-full.c $(storage_qcow2)
tests_unit_test_storage_full_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_full_LDADD = libplugin.la $(CMOCKA_LIBS)
tests_unit_test_storage_block_SOURCES = tests/unit/test-storage-block.c $(storage_raw)
tests_unit_test_storage_block_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_block_LDADD = libplugin.la $(CMOCKA_LIBS)
ROOT_TESTS += tests/root/image-full.sh tests/root/storage-full.sh tests/root/storage-block.sh \
	tests/root/saved-device.sh
endif
ROOT_TESTS += tests/e2e/snapshot.sh tests/root/image-fetch-full.sh tests/root/image-url.sh
EXTRA_DIST += tests/root/image-full.sh tests/root/image-fetch-full.sh tests/root/image-url.sh tests/root/storage-full.sh tests/root/storage-block.sh \
	tests/root/saved-device.sh

check_PROGRAMS += tests/fuzz/fuzz-qcow2
TESTS += tests/fuzz/fuzz-qcow2.sh
tests_fuzz_fuzz_qcow2_SOURCES = tests/fuzz/fuzz-qcow2.c $(fuzz_runner)
tests_fuzz_fuzz_qcow2_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_BINARY
tests_fuzz_fuzz_qcow2_LDADD = libcommon.la
EXTRA_DIST += \
	tests/fuzz/fuzz-qcow2.sh \
	tests/fuzz/qcow2/v1 \
	tests/fuzz/qcow2/v2-backing \
	tests/fuzz/qcow2/v3 \
	tests/fuzz/qcow2/v3-backing \
	tests/fuzz/qcow2/v3-data-file \
	tests/fuzz/qcow2/v3-encrypted \
	tests/fuzz/qcow2/v3-json \
	tests/fuzz/qcow2/vmdk \
	$(NULL)

check_PROGRAMS += tests/fuzz/fuzz-foreign
TESTS += tests/fuzz/fuzz-foreign.sh
tests_fuzz_fuzz_foreign_SOURCES = tests/fuzz/fuzz-foreign.c $(fuzz_runner)
tests_fuzz_fuzz_foreign_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_BINARY
tests_fuzz_fuzz_foreign_LDADD = libcommon.la
EXTRA_DIST += \
	tests/fuzz/fuzz-foreign.sh \
	tests/fuzz/foreign/raw \
	tests/fuzz/foreign/vdi \
	tests/fuzz/foreign/vdi-child \
	tests/fuzz/foreign/vhdx \
	tests/fuzz/foreign/vhdx-parent \
	tests/fuzz/foreign/vmdk \
	tests/fuzz/foreign/vmdk-flat \
	tests/fuzz/foreign/vmdk-parent \
	tests/fuzz/foreign/vmdk-stream \
	tests/fuzz/foreign/vmdk-zero \
	$(NULL)
