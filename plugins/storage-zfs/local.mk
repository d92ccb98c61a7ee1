# SPDX-License-Identifier: LGPL-2.1-or-later
storage_zfs_sources = \
	plugins/common/volume.c \
	plugins/common/volume.h \
	plugins/storage-zfs/clone.c \
	plugins/storage-zfs/create.c \
	plugins/storage-zfs/image.c \
	plugins/storage-zfs/image.h \
	plugins/storage-zfs/import.c \
	plugins/storage-zfs/import.h \
	plugins/storage-zfs/increment.c \
	plugins/storage-zfs/make.c \
	plugins/storage-zfs/make.h \
	plugins/storage-zfs/place.c \
	plugins/storage-zfs/place.h \
	plugins/storage-zfs/pool.c \
	plugins/storage-zfs/receive.c \
	plugins/storage-zfs/snapshot.c \
	plugins/storage-zfs/storage-zfs.c \
	plugins/storage-zfs/stream.c \
	plugins/storage-zfs/stream.h \
	plugins/storage-zfs/volume.c \
	plugins/storage-zfs/volume.h \
	plugins/storage-zfs/zfs.c \
	plugins/storage-zfs/zfs.h \
	$(NULL)
if PLUGIN_STORAGE_ZFS
plugin_LTLIBRARIES += plugins/storage_zfs.la
plugins_storage_zfs_la_SOURCES = $(storage_zfs_sources)
plugins_storage_zfs_la_CFLAGS = $(PLUGIN_CFLAGS)
plugins_storage_zfs_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_storage_zfs_la_LIBADD = libplugin.la
man_pods += plugins/storage-zfs/hvctl-storage-zfs.pod
endif
EXTRA_DIST += plugins/storage-zfs/hvctl-storage-zfs.pod
