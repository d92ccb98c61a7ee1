# SPDX-License-Identifier: LGPL-2.1-or-later
# Manual pages are PODs beside what they describe.
man_pods += doc/hvctl.pod doc/hvctl-plugin.pod
man5_pods = doc/hvctl.conf.pod

man1_names = $(man_pods)
EXTRA_DIST += doc/hvctl.pod doc/hvctl-plugin.pod doc/hvctl.conf.pod doc/sandbox.md
