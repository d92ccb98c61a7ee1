# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tests/lab/run: a machine in which KVM works, emulated.
#
# It is a Debian 13, run by the QEMU of that suite under TCG: with SVM, so that
# -accel kvm, -cpu host and cloud-hypervisor work in it; with systemd, udev,
# control groups, kernel modules, an IOMMU, and a NIC with SR-IOV.  One root
# directory serves three times: hvctl is built in it, QEMU runs in it, and its
# copy is the machine's disk.
#
#   $lab/root       the root directory; root.stamp: what is in it
#   $lab/root/src   the tree and its build
#   $lab/root/lab   the machine's disks: disk.raw, and src.raw, which is /src;
#                   what is written to them is dropped
#   $lab/id         the key for ssh

suite=trixie
address=root@127.0.0.1
port=2222

# What the machine has beside what the tests need (tools/packages.sh).
lab_packages='linux-image-amd64 systemd systemd-sysv libpam-systemd dbus
    dbus-user-session udev kmod pciutils procps openssh-server strace
    iproute2 iputils-ping openvswitch-switch mtools efi-shell-x64
    xz-utils'

lab_mirror ()
{
    grep -rhoE 'https?://[^ ]+' /etc/apt/sources.list \
        /etc/apt/sources.list.d 2> /dev/null | grep -E '/debian/?$' \
        | head -n 1
}

# All that is installed, in one line.
lab_wanted ()
{
    echo $(packages_debian build) $(packages_debian run) $lab_packages \
        libcmocka-dev passt util-linux bsdutils ca-certificates \
        | tr ' ' '\n' | sort -u | tr '\n' ',' | sed 's/,$//'
}

# Settings of the machine; runs inside mmdebstrap, $1 is the root.  To start a
# process costs it a tenth of a second, so it boots with few of them.
lab_hook='set -e
    install -d "$1/root/.ssh" "$1/home" "$1/src" "$1/lab"
    cp "$LAB_KEY" "$1/root/.ssh/authorized_keys"
    echo lab > "$1/etc/hostname"
    echo "127.0.0.1 localhost lab" > "$1/etc/hosts"
    printf "/dev/vda / ext4 defaults 0 0\n/dev/vdb /src ext4 defaults 0 0\n" \
        > "$1/etc/fstab"
    chroot "$1" useradd -m -s /bin/sh -G kvm user
    cp -r "$1/root/.ssh" "$1/home/user/"
    chroot "$1" chown -R user:user /home/user
    rule="ACTION==\"add\", SUBSYSTEM==\"net\", DRIVERS==\"virtio_net\""
    for do in "addr add 10.0.2.15/24 dev \$name" "link set \$name up"; do
        echo "$rule, RUN+=\"/usr/bin/ip $do\""
    done > "$1/etc/udev/rules.d/99-lab.rules"
    chroot "$1" systemctl --quiet set-default multi-user.target
    chroot "$1" systemctl --quiet disable openvswitch-switch
    chroot "$1" systemctl --quiet mask apt-daily.timer dpkg-db-backup.timer \
        apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap fstrim.timer \
        getty@tty1 serial-getty@ttyS0 systemd-journal-catalog-update \
        systemd-random-seed systemd-pcrphase systemd-networkd \
        systemd-networkd.socket systemd-network-generator uuidd.socket \
        sys-fs-fuse-connections.mount sys-kernel-config.mount \
        modprobe@drm modprobe@efi_pstore modprobe@configfs modprobe@fuse
    for name in ahci iTCO_wdt lpc_ich i2c_i801 pcspkr psmouse cfg80211 \
        aesni_intel ghash_clmulni_intel sha512_ssse3 sha256_ssse3 sha1_ssse3
    do
        echo "blacklist $name"
    done > "$1/etc/modprobe.d/lab.conf"
    echo kvm_amd > "$1/etc/modules-load.d/lab.conf"
    touch "$1/etc/.updated" "$1/var/.updated"'

# Makes $lab/root and $lab/disk.raw, unless they are there and as wanted.
lab_make ()
{
    stamp="$(lab_wanted) $(echo "$lab_hook" \
        | cat - "$here/initrd" | cksum)"
    mkdir -p "$lab"
    [ -f "$lab/id" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$lab/id"
    if [ "$(cat "$lab/root.stamp" 2> /dev/null)" = "$stamp" ]; then
        return 0
    fi
    rm -rf "$lab/root" "$lab/root.stamp"
    LAB_KEY=$lab/id.pub mmdebstrap --quiet --variant=minbase \
        --skip=cleanup/apt/lists --include="$(lab_wanted)" \
        --customize-hook="$lab_hook" \
        "$suite" "$lab/root" "$(lab_mirror)" || return 1
    cp "$lab"/root/boot/vmlinuz-* "$lab/root/lab/vmlinuz"
    lab_in sh -eu < "$here/initrd" || return 1
    make_disk "$lab/disk.raw" 6G "$lab/root" || return 1
    mv "$lab/disk.raw" "$lab/root/lab/"
    echo "$stamp" > "$lab/root.stamp"
}

# make_disk FILE SIZE DIRECTORY: an image with a copy of it.
make_disk ()
{
    rm -f "$1"
    truncate -s "$2" "$1"
    mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=1 -d "$3" "$1"
}

# lab_in COMMAND...: in the root, with the tree in /src, and the machine's files
# in /lab.
lab_in ()
{
    sh "$top/tools/enter-root" "$lab/root" "$@"
}

# Builds the tree there, and what the tests need of the programs.
lab_build ()
{
    # What was built before stays, and only what is another is built anew.
    mkdir -p "$lab/root/src"
    find "$lab/root/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    tar -C "$top" --exclude=./.git --exclude='./build*' -cf - . \
        | tar -C "$lab/root/src" -xf - || return 1
    lab_in sh -eu -c '
        cd /src
        sh autogen.sh
        mkdir -p build && cd build
        ../configure -q --enable-werror --prefix=/usr --sysconfdir=/etc \
            --localstatedir=/var
        make -s -j"$(nproc)" V=0 all
        make -s -j"$(nproc)" V=0 tests/tiny.elf tests/ch-guest.elf \
            tests/kit/functions.sh tests/probe/inspect tests/ch-server/ch-server \
            tests/null.la tests/null-hypervisor
        make -s V=0 install DESTDIR=/src/install
        sh ../tests/guest/linux tests/linux-guest' > "$lab/build.log" 2>&1 \
        || { tail -n 40 "$lab/build.log"; return 1; }
    [ -z "${CLOUD_HYPERVISOR-}" ] \
        || cp "$CLOUD_HYPERVISOR" "$lab/root/src/cloud-hypervisor"
    make_disk "$lab/root/lab/src.raw" 2G "$lab/root/src"
}

# What a kernel does for safety, or waits for, costs time when it is emulated.
quick='mitigations=off init_on_alloc=0 audit=0
    hardened_usercopy=off cryptomgr.notests rcupdate.rcu_expedited=1
    lsm=landlock,yama net.ifnames=0 tsc=nowatchdog
    systemd.default_device_timeout_sec=600'

# Boots it; ends when it takes commands.  In a network of its own (run --in).
lab_up ()
{
    ip link set lo up
    lab_in qemu-system-x86_64 -M q35 -accel tcg,thread=multi \
        -cpu max,la57=off -smp 2 -m 3G -nodefaults -display none \
        -serial file:/lab/console.log -device intel-iommu,intremap=off -kernel /lab/vmlinuz \
        -initrd /lab/initrd -append "console=ttyS0 quiet $quick \
intel_iommu=on iommu=pt" -snapshot \
        -drive if=none,id=d0,file=/lab/disk.raw,format=raw,cache=unsafe \
        -device virtio-blk-pci,drive=d0 \
        -drive if=none,id=d1,file=/lab/src.raw,format=raw,cache=unsafe \
        -device virtio-blk-pci,drive=d1 \
        -netdev "user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:$port-:22" \
        -device virtio-net-pci,netdev=n0,romfile= -device virtio-rng-pci \
        -device pcie-root-port,id=rp0,slot=1,chassis=1 \
        -netdev user,id=n1,restrict=on,net=10.8.0.0/24 \
        -device igb,bus=rp0,netdev=n1,mac=52:54:00:aa:00:01 \
        > "$lab/qemu.log" 2>&1 < /dev/null &
    qemu=$!
    lab_wait 400
}

lab_boot_id ()
{
    lab_ssh "$address" cat /proc/sys/kernel/random/boot_id
}

# lab_wait SECONDS [BOOT]: until it takes commands, in another boot than that.
lab_wait ()
{
    limit=$(($(date +%s) + $1))
    until boot=$(lab_boot_id 2> /dev/null) && [ "$boot" != "${2-}" ]; do
        kill -0 "$qemu" 2> /dev/null || { cat "$lab/qemu.log"; return 1; }
        [ "$(date +%s)" -le $limit ] || {
            tail -n 20 "$lab/root/lab/console.log"
            return 1
        }
        sleep 1
    done
}

# lab_ssh USER@HOST COMMAND...: by one connection, as to make one takes the
# emulated machine seconds, or a minute when others need the processors.
lab_ssh ()
{
    timeout "${lab_limit:-120}" ssh -i "$lab/id" -p $port \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o LogLevel=ERROR -o ConnectTimeout=100 -o BatchMode=yes \
        -o ControlMaster=auto -o ControlPath="$lab/ssh-%r" \
        -o ControlPersist=3600 "$@" < /dev/null
}

# Shut down as a person would; then by force.
lab_down ()
{
    lab_ssh "$address" systemctl poweroff 2> /dev/null || :
    for i in $(seq 60); do
        kill -0 "$qemu" 2> /dev/null || return 0
        sleep 1
    done
    kill "$qemu"
}
