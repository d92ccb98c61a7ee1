# SPDX-License-Identifier: LGPL-2.1-or-later
# The network plugins: what needs no privilege, and in tests/root what does.
net_link_sources = \
	plugins/common/port.c \
	plugins/common/port.h \
	plugins/common/tap.c \
	plugins/common/tap.h \
	tests/kit/fake-host.c \
	tests/kit/fake-host.h \
	$(NULL)
net_macvtap_sources = \
	plugins/net-macvtap/chardev.c \
	plugins/net-macvtap/chardev.h \
	plugins/net-macvtap/net-macvtap.c \
	plugins/net-macvtap/parent.c \
	plugins/net-macvtap/parent.h \
	$(NULL)
net_root_sources = \
	tests/root/net-lab.c \
	tests/root/net-lab.h \
	tests/root/net-macvtap.h \
	tests/root/net-port.c \
	tests/root/net-port.h \
	$(NULL)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-net-user
TESTS += tests/unit/test-net-user
tests_unit_test_net_user_SOURCES = \
	plugins/net-user/net-user.c \
	plugins/net-user/passt.c \
	tests/kit/fake-host.c \
	tests/kit/fake-host.h \
	tests/unit/test-net-user.c \
	$(NULL)
tests_unit_test_net_user_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_net_user_LDADD = libplugin.la $(CMOCKA_LIBS)

if HAVE_NL
net_cflags = $(AM_CFLAGS) $(NL_CFLAGS) $(CMOCKA_CFLAGS)
net_ldadd = libnetlink.la libplugin.la $(NL_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += \
	tests/unit/test-net-bridge \
	tests/unit/test-net-macvtap \
	tests/root/net-bridge \
	tests/root/net-chardev \
	tests/root/net-macvtap \
	tests/root/net-macvtap-speed \
	$(NULL)
TESTS += tests/unit/test-net-bridge tests/unit/test-net-macvtap
ROOT_TESTS += \
	tests/root/net-bridge \
	tests/root/net-chardev \
	tests/root/net-macvtap \
	tests/root/net-macvtap-speed \
	$(NULL)

tests_unit_test_net_bridge_SOURCES = \
	$(net_link_sources) \
	plugins/net-bridge/net-bridge.c \
	tests/unit/test-net-link.c \
	$(NULL)
tests_unit_test_net_bridge_CFLAGS = $(net_cflags) -DTEST_TYPE='"bridge"'
tests_unit_test_net_bridge_LDADD = $(net_ldadd)

tests_unit_test_net_macvtap_SOURCES = \
	$(net_link_sources) \
	$(net_macvtap_sources) \
	tests/unit/test-net-link.c \
	$(NULL)
tests_unit_test_net_macvtap_CFLAGS = $(net_cflags) -DTEST_TYPE='"macvtap"'
tests_unit_test_net_macvtap_LDADD = $(net_ldadd)

tests_root_net_bridge_SOURCES = \
	$(net_link_sources) \
	$(net_root_sources) \
	plugins/net-bridge/net-bridge.c \
	tests/root/net-bridge.c \
	$(NULL)
tests_root_net_bridge_CFLAGS = $(net_cflags)
tests_root_net_bridge_LDADD = $(net_ldadd)

tests_root_net_chardev_SOURCES = \
	$(net_link_sources) \
	$(net_root_sources) \
	$(net_macvtap_sources) \
	tests/root/net-chardev.c \
	$(NULL)
tests_root_net_chardev_CFLAGS = $(net_cflags)
tests_root_net_chardev_LDADD = $(net_ldadd)

tests_root_net_macvtap_SOURCES = \
	$(net_link_sources) \
	$(net_root_sources) \
	$(net_macvtap_sources) \
	tests/root/net-macvtap.c \
	$(NULL)
tests_root_net_macvtap_CFLAGS = $(net_cflags)
tests_root_net_macvtap_LDADD = $(net_ldadd)

tests_root_net_macvtap_speed_SOURCES = \
	$(net_link_sources) \
	$(net_root_sources) \
	$(net_macvtap_sources) \
	tests/root/net-macvtap-speed.c \
	$(NULL)
tests_root_net_macvtap_speed_CFLAGS = $(net_cflags)
tests_root_net_macvtap_speed_LDADD = $(net_ldadd)
endif
endif
