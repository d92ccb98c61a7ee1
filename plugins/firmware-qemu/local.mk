# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_FIRMWARE_QEMU
plugin_LTLIBRARIES += plugins/firmware_qemu.la
plugins_firmware_qemu_la_SOURCES = \
	plugins/firmware-qemu/descriptor.c \
	plugins/firmware-qemu/descriptor.h \
	plugins/firmware-qemu/firmware-qemu.c \
	$(NULL)
plugins_firmware_qemu_la_CFLAGS = $(PLUGIN_CFLAGS) $(JSONC_CFLAGS)
plugins_firmware_qemu_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_firmware_qemu_la_LIBADD = libplugin.la $(JSONC_LIBS)
man_pods += plugins/firmware-qemu/hvctl-firmware-qemu.pod
endif
EXTRA_DIST += plugins/firmware-qemu/hvctl-firmware-qemu.pod
