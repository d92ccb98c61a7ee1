# SPDX-License-Identifier: LGPL-2.1-or-later
# net-ovs: with a peer of our own, and in tests/root with a real Open vSwitch
# that the test starts, in a network namespace and a directory of its own.
if HAVE_CMOCKA
if HAVE_NL
ovs_test_sources = $(net_ovs_sources) tests/kit/fake-host.c tests/kit/fake-host.h
ovs_root_sources = \
	$(ovs_test_sources) \
	tests/root/net-lab.c \
	tests/root/net-lab.h \
	tests/root/net-ovs-lab.c \
	tests/root/net-ovs-lab.h \
	$(NULL)
ovs_cflags = $(AM_CFLAGS) $(NL_CFLAGS) $(JSONC_CFLAGS) $(CMOCKA_CFLAGS)
ovs_ldadd = libnetlink.la libplugin.la $(NL_LIBS) $(JSONC_LIBS) $(CMOCKA_LIBS)

ovs_peer_sources = \
	$(ovs_test_sources) \
	tests/unit/test-net-ovs-peer.c \
	tests/unit/test-net-ovs-peer.h \
	tests/unit/test-net-ovs-world.c \
	tests/unit/test-net-ovs-world.h \
	$(NULL)
check_PROGRAMS += tests/unit/test-net-ovs tests/unit/test-net-ovs-ports
TESTS += tests/unit/test-net-ovs tests/unit/test-net-ovs-ports
tests_unit_test_net_ovs_SOURCES = $(ovs_peer_sources) tests/unit/test-net-ovs.c
tests_unit_test_net_ovs_CFLAGS = $(ovs_cflags)
tests_unit_test_net_ovs_LDADD = $(ovs_ldadd)
tests_unit_test_net_ovs_ports_SOURCES = \
	$(ovs_peer_sources) tests/unit/test-net-ovs-ports.c
tests_unit_test_net_ovs_ports_CFLAGS = $(ovs_cflags)
tests_unit_test_net_ovs_ports_LDADD = $(ovs_ldadd)

ovs_root_tests = \
	tests/root/net-ovs \
	tests/root/net-ovs-faults \
	tests/root/net-ovs-payload \
	tests/root/net-ovs-speed \
	$(NULL)
check_PROGRAMS += $(ovs_root_tests)
ROOT_TESTS += $(ovs_root_tests)

tests_root_net_ovs_SOURCES = $(ovs_root_sources) tests/root/net-ovs.c
tests_root_net_ovs_CFLAGS = $(ovs_cflags)
tests_root_net_ovs_LDADD = $(ovs_ldadd)

tests_root_net_ovs_faults_SOURCES = \
	$(ovs_root_sources) tests/root/net-ovs-faults.c
tests_root_net_ovs_faults_CFLAGS = $(ovs_cflags)
tests_root_net_ovs_faults_LDADD = $(ovs_ldadd)

tests_root_net_ovs_payload_SOURCES = \
	$(ovs_root_sources) tests/root/net-ovs-payload.c
tests_root_net_ovs_payload_CFLAGS = $(ovs_cflags)
tests_root_net_ovs_payload_LDADD = $(ovs_ldadd)

tests_root_net_ovs_speed_SOURCES = \
	$(ovs_root_sources) tests/root/net-ovs-speed.c
tests_root_net_ovs_speed_CFLAGS = $(ovs_cflags)
tests_root_net_ovs_speed_LDADD = $(ovs_ldadd)
endif
endif
ROOT_TESTS += tests/root/net-ovs-bad.sh tests/root/net-ovs-guests.sh \
	tests/root/net-ovs-vhost.sh
