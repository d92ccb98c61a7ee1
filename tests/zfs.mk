# SPDX-License-Identifier: LGPL-2.1-or-later
# storage-zfs: with a zfs that answers what the test wants, and with a real one.
if HAVE_CMOCKA
storage_zfs = $(fake_host) tests/unit/test-storage-zfs.h $(storage_zfs_sources)
storage_zfs_fake = $(storage_zfs) tests/unit/test-storage-zfs-fake.h
storage_zfs_real = $(storage_zfs) tests/unit/test-storage-zfs-lab.h

check_PROGRAMS += tests/unit/test-storage-zfs
TESTS += tests/unit/test-storage-zfs
tests_unit_test_storage_zfs_SOURCES = tests/unit/test-storage-zfs.c $(storage_zfs_fake)
tests_unit_test_storage_zfs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_zfs_LDADD = libplugin.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-storage-zfs-answers
TESTS += tests/unit/test-storage-zfs-answers
tests_unit_test_storage_zfs_answers_SOURCES = \
	tests/unit/test-storage-zfs-answers.c \
	$(storage_zfs_fake) \
	$(NULL)
tests_unit_test_storage_zfs_answers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_zfs_answers_LDADD = libplugin.la $(CMOCKA_LIBS)

# These are run by tests/root/storage-zfs.sh.
check_PROGRAMS += \
	tests/unit/test-storage-zfs-images \
	tests/unit/test-storage-zfs-real \
	tests/unit/test-storage-zfs-stream \
	$(NULL)
tests_unit_test_storage_zfs_real_SOURCES = \
	tests/unit/test-storage-zfs-real.c \
	$(storage_zfs_real) \
	$(NULL)
tests_unit_test_storage_zfs_real_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_zfs_real_LDADD = libplugin.la $(CMOCKA_LIBS)
tests_unit_test_storage_zfs_images_SOURCES = \
	tests/unit/test-storage-zfs-images.c \
	$(storage_zfs_real) \
	$(NULL)
tests_unit_test_storage_zfs_images_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_zfs_images_LDADD = libplugin.la $(CMOCKA_LIBS)
tests_unit_test_storage_zfs_stream_SOURCES = \
	tests/unit/test-storage-zfs-stream.c \
	$(storage_zfs_real) \
	$(NULL)
tests_unit_test_storage_zfs_stream_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_storage_zfs_stream_LDADD = libplugin.la $(CMOCKA_LIBS)
ROOT_TESTS += tests/root/storage-zfs.sh tests/root/storage-zfs-speed.sh
endif
ROOT_TESTS += \
	tests/root/storage-zfs-bad.sh \
	tests/root/storage-zfs-full.sh \
	tests/root/storage-zfs-clone.sh \
	tests/root/storage-zfs-image.sh \
	tests/root/storage-zfs-guest.sh \
	tests/root/storage-zfs-stream.sh \
	tests/root/storage-zfs-zvol.sh \
	$(NULL)
EXTRA_DIST += \
	tests/root/storage-zfs-bad.sh \
	tests/root/storage-zfs-full.sh \
	tests/root/storage-zfs-clone.sh \
	tests/root/storage-zfs-image.sh \
	tests/root/storage-zfs-guest.sh \
	tests/root/storage-zfs-lab.sh \
	tests/root/storage-zfs-speed.sh \
	tests/root/storage-zfs-stream.sh \
	tests/root/storage-zfs-zvol.sh \
	tests/root/storage-zfs.sh \
	$(NULL)
