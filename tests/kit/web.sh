# SPDX-License-Identifier: LGPL-2.1-or-later
# A web server for tests; sourced behind functions.sh, after make_host.

requires_web ()
{
    requires python3
    grep -q "^#define HAVE_CURL 1" "$abs_top_builddir/config.h" \
        || skip "built without libcurl"
}

# start_web [CERTIFICATE]: of what is in $tmp/www; sets web to its address.
start_web ()
{
    unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY no_proxy || :
    unset NO_PROXY SSL_CERT_FILE || :
    mkdir -p "$tmp/www"
    rm -f "$tmp/web.port"
    python3 "$abs_top_srcdir/tests/kit/web-server.py" "$tmp/www" \
        "$tmp/web.port" "$tmp/web.log" "$@" &
    web_pid=$!
    cleanup_fn "kill $web_pid 2> /dev/null"
    wait_for 20 test -f "$tmp/web.port"
    web=http${1:+s}://127.0.0.1:$(cat "$tmp/web.port")
}

# start_both: one by http, whose address is in plain, and one by https, of the
# same files, with a certificate that is in $tmp/cert.pem.
start_both ()
{
    start_web
    plain=$web
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hvctl-test \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$tmp/key.pem" \
        -out "$tmp/cert.pem" 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    cat "$tmp/key.pem" "$tmp/cert.pem" > "$tmp/both.pem"
    start_web "$tmp/both.pem"
}

stop_web ()
{
    kill "$web_pid"
    wait "$web_pid" 2> /dev/null || :
}

# asked PATTERN: a request of the log matches it.
asked ()
{
    grep -q -e "$1" "$tmp/web.log" || {
        cat "$tmp/web.log"
        fail "no request $1"
    }
}
