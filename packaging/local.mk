# SPDX-License-Identifier: LGPL-2.1-or-later
# Files for distributions.  No system users: VMs have numeric user IDs from
# a range that is not used for anything else (uid_base in hvctl.conf(5)).
systemdsystemunitdir = $(prefix)/lib/systemd/system
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_systemdsystemunit_DATA = packaging/hvctl@.service \
	packaging/hvctl-autostart.service \
	packaging/hvctl-guests.service
tmpfiles_DATA = packaging/hvctl.conf

# Images that are known by a name.
imagesdir = $(datadir)/hvctl
dist_images_DATA = packaging/images-aarch64.conf packaging/images-x86_64.conf

packaging_inputs = \
	packaging/hvctl.tmpfiles.in \
	packaging/hvctl-autostart.service.in \
	packaging/hvctl-guests.service.in \
	packaging/hvctl@.service.in \
	$(NULL)
packaging_edit = $(MKDIR_P) packaging && sed \
	-e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

packaging/hvctl@.service: packaging/hvctl@.service.in Makefile
	$(AM_V_GEN)$(packaging_edit) '$(srcdir)/packaging/hvctl@.service.in' > $@
packaging/hvctl-autostart.service: packaging/hvctl-autostart.service.in Makefile
	$(AM_V_GEN)$(packaging_edit) $(srcdir)/packaging/hvctl-autostart.service.in > $@
packaging/hvctl-guests.service: packaging/hvctl-guests.service.in Makefile
	$(AM_V_GEN)$(packaging_edit) $(srcdir)/packaging/hvctl-guests.service.in > $@
packaging/hvctl.conf: packaging/hvctl.tmpfiles.in Makefile
	$(AM_V_GEN)$(packaging_edit) $(srcdir)/packaging/hvctl.tmpfiles.in > $@

EXTRA_DIST += \
	$(packaging_inputs) \
	packaging/debian/README.Debian \
	packaging/debian/changelog \
	packaging/debian/control \
	packaging/debian/copyright \
	packaging/debian/rules \
	packaging/debian/source/format \
	packaging/hvctl.spec \
	$(NULL)
CLEANFILES += packaging/hvctl@.service packaging/hvctl-guests.service \
	packaging/hvctl-autostart.service packaging/hvctl.conf
