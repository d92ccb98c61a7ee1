# SPDX-License-Identifier: LGPL-2.1-or-later
# storage-zfs: with a zfs that answers what the test wants, and with a real one.
if HAVE_CMOCKA
storage_zfs = $(fake_host) tests/test-storage-zfs.h $(storage_zfs_sources)

# Run by the script of the same name in tests/root.
check_PROGRAMS += tests/test-storage-zfs-real
tests_test_storage_zfs_real_SOURCES = \
	tests/test-storage-zfs-real.c \
	$(storage_zfs) \
	$(NULL)
tests_test_storage_zfs_real_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_storage_zfs_real_LDADD = libcommon.la $(CMOCKA_LIBS)
ROOT_TESTS += tests/root/storage-zfs.sh
endif
EXTRA_DIST += \
	tests/root/storage-zfs-lab.sh \
	tests/root/storage-zfs.sh \
	$(NULL)
