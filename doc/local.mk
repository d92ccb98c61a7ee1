# SPDX-License-Identifier: LGPL-2.1-or-later
# Manual pages are PODs beside what they describe: each plugin's fragment adds
# its own to man_pods.  Section 1 is for commands and plugins, 3 for those who
# write plugins, 5 for files.
man_pods += doc/hvctl.pod
man3_pods = doc/hvctl-plugin.pod
man5_pods = doc/hvctl.conf.pod

man1_MANS = $(man_pods:.pod=.1)
man3_MANS = $(man3_pods:.pod=.3)
man5_MANS = $(man5_pods:.pod=.5)

SUFFIXES = .pod .1 .3 .5
POD_FLAGS = --utf8 --errors=die --center="hvctl manual" \
	--release="hvctl $(PACKAGE_VERSION)"

# The manuals name the directories that configure was told.
installed_paths = sed -e 's,/etc/hvctl,$(sysconfdir)/hvctl,g' \
	-e 's,/var/lib/hvctl,$(localstatedir)/lib/hvctl,g' \
	-e 's,/var/log/hvctl,$(localstatedir)/log/hvctl,g' \
	-e 's,/usr/lib/hvctl/plugins,$(plugindir),g' $<

# Without pod2man the manual is its own source, which people can read, too.
make_manual = $(MKDIR_P) $(@D) && rm -f $@ && if test -n "$(POD2MAN)"; then \
	  $(installed_paths) | $(POD2MAN) $(POD_FLAGS) --section=$$section \
	    --name=`basename $< .pod | tr a-z A-Z` > $@; \
	else \
	  { echo ".TH `basename $< .pod` $$section"; echo .nf; \
	    $(installed_paths) \
	      | sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\\&&/"; } > $@; \
	fi

.pod.1:
	$(AM_V_GEN)section=1 && $(make_manual)
.pod.3:
	$(AM_V_GEN)section=3 && $(make_manual)
.pod.5:
	$(AM_V_GEN)section=5 && $(make_manual)

CLEANFILES += $(man1_MANS) $(man3_MANS) $(man5_MANS)

EXTRA_DIST += \
	$(man3_pods) \
	$(man5_pods) \
	doc/hvctl.pod \
	doc/architecture.md \
	doc/design-notes.md \
	doc/performance.md \
	doc/sandbox.md \
	$(NULL)

# The test kit for plugins that are written elsewhere.  Where its files are is
# in the manual, and does not change with our folders.
plugintestdir = $(pkgdatadir)/plugin-test
plugintestcommondir = $(plugintestdir)/common
plugintesttestsdir = $(plugintestdir)/tests
plugintestcommon_DATA = common/cleanup.h
plugintesttests_DATA = tests/kit/fake-host.c tests/kit/fake-host.h

include bench/local.mk
include packaging/local.mk
