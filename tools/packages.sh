# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tools/quickstart, tools/check and tools/check-suites: what they need
# from the distribution, and how to get it.
#
#   install_packages build [run] [test] [suites]

# The names by distribution.  "build" is what configure asks for, "run" what
# boots a guest, "test" what the tests use besides, "suites" what makes roots of
# other suites of Debian.
packages_debian ()
{
    case $1 in
        lab) echo mmdebstrap openssh-client e2fsprogs iproute2 ;;
        build) echo gcc make autoconf automake libtool libltdl-dev pkg-config \
            perl libconfuse-dev libnl-3-dev libnl-route-3-dev libjson-c-dev \
            libseccomp-dev libgcrypt20-dev libsystemd-dev libxml2-dev libyaml-dev g++ \
            libtomlplusplus-dev libarchive-dev libcurl4-openssl-dev ;;
        run) case $(uname -m) in
                 aarch64) echo qemu-system-arm qemu-efi-aarch64 ;;
                 *) echo qemu-system-x86 ovmf ;;
             esac
             echo qemu-utils busybox-static cpio xz-utils ;;
        test) echo libcmocka-dev clang vim musl-tools valgrind strace \
            iproute2 util-linux bsdutils xorriso mtools python3-minimal \
            openvswitch-switch openvswitch-switch-dpdk librte-meta-mempool \
            dnsmasq-base openssh-client openssh-server qemu-guest-agent \
            zfs-fuse passt qemu-system-arm qemu-efi-aarch64 locales \
            efi-shell-x64 openssl gpg gpg-agent gpgv sqv ;;
        suites) echo mmdebstrap debian-archive-keyring git ;;
    esac
}

packages_fedora ()
{
    case $1 in
        build) echo gcc make autoconf automake libtool libtool-ltdl-devel \
            pkgconf-pkg-config perl-podlators libconfuse-devel libnl3-devel \
            json-c-devel libseccomp-devel libgcrypt-devel \
            systemd-devel glibc-static libxml2-devel libyaml-devel gcc-c++ \
            tomlplusplus-devel libarchive-devel libcurl-devel ;;
        run) echo qemu-system-x86-core qemu-img edk2-ovmf busybox cpio xz zstd \
            kernel-core ;;
        test) echo libcmocka-devel clang vim-enhanced libasan libubsan valgrind \
            strace iproute util-linux util-linux-script xorriso mtools python3 \
            openvswitch passt glibc-locale-source openssl gnupg2 ;;
        suites) echo mmdebstrap debian-keyring git ;;
    esac
}

packages_arch ()
{
    case $1 in
        build) echo base-devel autoconf automake libtool pkgconf perl confuse \
            libnl json-c libseccomp libgcrypt util-linux-libs libxml2 libyaml \
            tomlplusplus libarchive curl ;;
        run) echo qemu-system-x86 qemu-img edk2-ovmf busybox cpio linux zstd ;;
        test) echo cmocka clang vim valgrind strace iproute2 util-linux \
            libisoburn mtools python openvswitch passt openssl gnupg ;;
    esac
}

packages_suse ()
{
    case $1 in
        build) echo gcc make autoconf automake libtool pkg-config perl \
            libconfuse-devel libnl3-devel libjson-c-devel libseccomp-devel libgcrypt-devel \
            systemd-devel glibc-devel-static libxml2-devel libyaml-devel \
            gcc-c++ tomlplusplus-devel libarchive-devel libcurl-devel ;;
        run) echo qemu-x86 qemu-tools qemu-ovmf-x86_64 busybox-static cpio zstd \
            kernel-default ;;
        test) echo libcmocka-devel clang vim valgrind strace iproute2 \
            util-linux xorriso mtools python3 openvswitch passt openssl gpg2 ;;
    esac
}

as_root ()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        echo "$0: to install packages it takes root, or sudo: $*" >&2
        return 1
    fi
}

# Those of the packages that are not there yet, so that a second run needs
# neither root nor network.
missing_debian ()
{
    for p; do
        dpkg-query -W -f '${Status}\n' "$p" 2> /dev/null \
            | grep -q ' installed$' || echo "$p"
    done
}

# Those that this suite has; it tells the others.
known_debian ()
{
    for p; do
        if apt-cache policy "$p" | grep -q '^ *Candidate: [^(]'; then
            echo "$p"
        else
            echo "$0: this suite has no $p" >&2
        fi
    done
}

missing_rpm ()
{
    for p; do
        rpm -q --whatprovides "$p" > /dev/null 2>&1 || echo "$p"
    done
}

apt ()
{
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o Dpkg::Use-Pty=0 "$@"
}

install_packages ()
{
    family=
    for id in $(. /etc/os-release; echo "$ID ${ID_LIKE-}"); do
        case $id in
            debian | ubuntu) family=debian ;;
            fedora | rhel | centos) family=fedora ;;
            arch) family=arch ;;
            *suse*) family=suse ;;
        esac
        [ -z "$family" ] || break
    done
    wanted=
    for set; do
        [ -z "$family" ] || wanted="$wanted $(packages_$family "$set")"
    done
    case $family in
        debian)
            wanted=$(missing_debian $wanted)
            [ -z "$wanted" ] || { apt update \
                && apt install --no-install-recommends \
                    $(known_debian $wanted); } ;;
        fedora)
            wanted=$(missing_rpm $wanted)
            [ -z "$wanted" ] || as_root dnf -q -y install $wanted ;;
        arch)
            as_root pacman -Sq --needed --noconfirm $wanted ;;
        suse)
            wanted=$(missing_rpm $wanted)
            [ -z "$wanted" ] || as_root zypper -q -n install $wanted ;;
        *)
            echo "$0: this distribution is not known here: going on with" \
                "what is installed" >&2 ;;
    esac
}
