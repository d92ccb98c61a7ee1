#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# "now", "at the next start" and "impossible" are true: for each key with a line
# in core/plan/plan-fields.c, and for devices that the hypervisor refuses, apply
# makes the changes of the first kind and no others, a restart those of the
# second kind, and nothing those of the third.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null
cat >> "$tmp/hvctl.conf" <<CONF
pool other { type = "null" path = "$tmp/other" }
network other { type = "null" }
template empty { description = none }
CONF
mkdir "$tmp/other"
HVCTL_CONF=$tmp/hvctl.conf
export HVCTL_CONF
cat > "$tmp/true.py" <<'PY'
import json, os, re, subprocess, sys
top, tmp = sys.argv[1], sys.argv[2]
hvctl, conf = os.environ['HVCTL'], os.environ['HVCTL_CONF']
vm = tmp + '/vm.d/vm1.conf'

# The keys of a definition that have a line in the table.
table = open(top + '/core/plan/plan-fields.c').read()
keys = set()
for part, named in re.findall(
        r'\{ "(\w*)", (?:"\w+"|NULL),\s+((?:"[^"]*"\s*)+),\s*PLAN_', table):
    words = ''.join(re.findall(r'"([^"]*)"', named)).split()
    prefix = part + '.' if part in ('disk', 'nic', 'cloud_init') else ''
    keys |= {prefix + word for word in words}
assert len(keys) > 35, keys

BASE = '''uuid = 5e2c7d9c-64a1-4a57-9f5c-3f5b8a3f4c10
templates = { empty }
memory = 16M
cpus = 1
hypervisor = null
firmware = uefi
disk root { pool = null size = 1M }
disk data { pool = null size = 4M }
disk fixed { pool = null size = 1M }
nic lan { network = null }
nic fixed { network = null }
plugin null { mode = obey }
'''
# What to try for each key: text → text.  A key that needs another one has
# several lines.  None: the null plugin refuses it, or there is nothing else
# that it could be.
def line(text): return ('uuid =', text + '\nuuid =')
def disk(text): return ('disk data { pool = null', 'disk data { ' + text + ' pool = null')
def nic(text): return ('nic lan {', 'nic lan { ' + text)
KEY = 'ssh-ed25519 ' + 'AAAAC3NzaC1lZDI1NTE5AAAAIHM6C7YnGDRBcN7Vr5oNgJVEyUWcxZfIzhsF0RdCFvcl'
def cloud(text): return ('plugin null {', 'cloud_init { ssh_keys = { "%s" } %s }\nplugin null {' % (KEY, text))
for name in 'user-data', 'meta-data', 'network-config':
    open(tmp + '/' + name, 'w').write('#cloud-config\n' if name[0] == 'u' else 'version: 2\n')
TRIES = {
    'uuid': [('4c10', '4c11')],
    'arch': [line('arch = aarch64')],
    'hypervisor': None,
    'machine': [line('machine = null-2')],
    'accelerator': [line('accelerator = tcg')],
    'cpu': [line('cpu = other')],
    'cpus': [('cpus = 1', 'cpus = 2'), ('cpus = 1', 'cpus = 13')],
    'memory': [('16M', '32M'), ('16M', '8M')],
    'kernel': [('firmware = uefi', 'kernel = ' + vm)],
    'initrd': [('firmware = uefi', 'kernel = %s\ninitrd = %s' % (vm, vm))],
    'append': [('firmware = uefi', 'kernel = %s\nappend = quiet' % vm)],
    'rng': [line('rng = no')],
    'agent': [line('agent = yes')],
    'stop_timeout': [line('stop_timeout = 5s')],
    'templates': [('templates = { empty }\n', '')],
    'description': [line('description = x')],
    'autostart': [line('autostart = yes')],
    'start_order': [line('start_order = 3')],
    'start_delay': [line('start_delay = 1s')],
    'identity': [line('identity = machina')],
    'identity_base': [line('identity = balena\nidentity_base = 02:42:ac:11:00:02')],
    'firmware': [('uefi', 'bios')],
    'secure_boot': [line('secure_boot = yes')],
    'disk.pool': [('data { pool = null', 'data { pool = other')],
    'disk.volume': [disk('volume = elsewhere')],
    'disk.image': [('data { pool = null size = 4M', 'data { image = %s format = raw readonly = yes' % vm)],
    'disk.cdrom': [('data { pool = null size = 4M', 'data { cdrom = ' + vm)],
    'disk.readonly': [disk('readonly = yes')],
    'disk.boot': [disk('boot = 1')],
    'disk.serial': [disk('serial = abc')],
    'disk.wwn': [('data { pool = null size = 4M', 'data { wwn = 0x5000c50015ea71ad cdrom = ' + vm)],
    'disk.format': None,
    'disk.backing': None,
    'disk.backing_format': None,
    'disk.size': [('data { pool = null size = 4M', 'data { pool = null size = 8M'),
                  ('data { pool = null size = 4M', 'data { pool = null size = 1M'),
                  ('data { pool = null size = 4M', 'data { pool = null size = 8000001')],
    'nic.network': [('lan { network = null', 'lan { network = other')],
    'nic.mac': [nic('mac = 52:54:00:12:34:56')],
    'nic.queues': [nic('queues = 2')],
    'nic.mtu': [nic('mtu = 1400')],
    'nic.boot': [nic('boot = 1')],
    'nic.forward': [('lan { network = null', 'lan { network = user forward = "tcp:127.0.0.1:22222:22"')],
    'nic.address': [nic('address = 10.0.0.7')],
    'cloud_init.seed': [('plugin null {', 'cloud_init { seed = %s }\nplugin null {' % vm)],
    'cloud_init.user': [cloud('user = admin')],
    'cloud_init.ssh_keys': [cloud('')],
    'cloud_init.password_hash': [cloud('password_hash = "$6$abcdefgh$' + 86 * 'a' + '"')],
    'cloud_init.hostname': [cloud('hostname = other')],
    'cloud_init.instance_id': [cloud('instance_id = other')],
    'cloud_init.user_data': [cloud('user_data = "%s/user-data"' % tmp)],
    'cloud_init.meta_data': [cloud('meta_data = "%s/meta-data"' % tmp)],
    'cloud_init.network_config': [cloud('network_config = "%s/network-config"' % tmp)],
}
missing = keys - set(TRIES)
assert not missing, 'nothing is tried for %s' % missing
TRIES['a disk'] = [('disk data { pool = null size = 4M }\n', ''),
                   ('disk data', 'disk more { pool = null size = 1M }\ndisk data'),
                   ('disk data', 'disk more { pool = null size = 1000001 }\ndisk data'),
                   ('disk fixed { pool = null size = 1M }\n', ''),
                   ('disk data', 'disk fixed2 { pool = null size = 1M }\ndisk data')]
TRIES['a nic'] = [('nic lan { network = null }\n', ''),
                  ('nic lan', 'nic more { network = null }\nnic lan'),
                  ('nic fixed { network = null }\n', ''),
                  ('nic lan', 'nic fixed2 { network = null }\nnic lan')]
TRIES['settings'] = [('mode = obey', 'mode = obey need = x')]

def run(*words, env={}):
    p = subprocess.run([hvctl, '-c', conf, *words], text=True, capture_output=True,
                       env={**os.environ, **env})
    return p.returncode, p.stdout, p.stderr

def lines(text): return {'%s %s: %s > %s' % (l['item'], l['key'], l['from'], l['to']): l
                         for l in json.loads(text)[0]['changes']}

def attempt(name, edit, env={}):
    what = '%s %s %s' % (name, edit, env)
    run('kill', 'vm1')
    for d in 'disks', 'other':
        for f in os.listdir(tmp + '/' + d):
            os.remove(tmp + '/' + d + '/' + f)
    open(vm, 'w').write(BASE)
    rc, out, err = run('apply', '-y', '--start', 'vm1')
    assert rc == 0, (what, out, err)
    rc, out, err = run('start', 'vm1')
    rc, out, err = run('diff', 'vm1', env=env)
    assert rc == 0 and not out, (what, 'after a start', out, err)
    assert edit[0] in BASE, what
    open(vm, 'w').write(BASE.replace(edit[0], edit[1], 1))
    rc, out, err = run('diff', '-o', 'json', 'vm1', env=env)
    if rc != 0:
        assert run('apply', '--check', 'vm1', env=env)[0] == rc, what
        return 'refused: ' + (out + err)[-200:]
    was = lines(out)
    word = {k: l['when'] for k, l in was.items()}
    now = [k for k, w in word.items() if w == 'now']
    never = [k for k, w in word.items() if w == 'impossible']
    rc, out, err = run('apply', '--check', 'vm1', env=env)
    assert rc == (10 if now else 7 if never else 0), (what, rc, word, err)
    rc, out, err = run('apply', '-y', '-o', 'json', 'vm1', env=env)
    assert rc == (7 if never else 0), (what, rc, word, out, err)
    for k, l in lines(out).items():
        assert (l['result'] == 'done') == (l['when'] == 'now'), (what, l, err)
        assert l['when'] == word[k], (what, l)
    if name == 'disk.size' and now:
        # The null hypervisor does not write to volumes.
        os.truncate(tmp + '/disks/vm1-data.null', 8 << 20)
    # Again: what was made is gone, the rest says the same.
    rc, out, err = run('diff', '-o', 'json', 'vm1', env=env)
    then = {k: l['when'] for k, l in lines(out).items()}
    assert then == {k: w for k, w in word.items() if w != 'now'}, (what, word, then)
    rc, out, err = run('apply', '--check', 'vm1', env=env)
    assert rc == (7 if never else 0), (what, rc, word)
    # The next start has it.
    if not never:
        run('kill', 'vm1')
        rc, out, err = run('apply', '-y', 'vm1', env=env)
        assert rc == 0, (what, out, err)
        rc, out, err = run('start', 'vm1', env=env)
        if rc == 0:
            rc, out, err = run('diff', 'vm1', env=env)
            assert rc == 0 and not out, (what, 'after a restart', out, err)
    return word

said = {}
for name, edits in TRIES.items():
    for edit in edits or []:
        said[name, edit[1]] = attempt(name, edit)
        print([name, edit, said[name, edit[1]]], flush=True)
words = [w for s in said.values() if isinstance(s, dict) for w in s.values()]
assert all(w in words for w in ('now', 'at the next start', 'impossible')), words
# A plugin without one of the operations.
for op, name in (('attach_disk detach_disk', 'a disk'), ('attach_nic detach_nic', 'a nic'),
                 ('resize', 'cpus'), ('resize', 'memory'), ('resize_disk', 'disk.size')):
    for edit in TRIES[name]:
        if 'fixed' in edit[0] + edit[1] or '000001' in edit[1]:
            continue
        got = attempt(name, edit, {'HVCTL_NULL_WITHOUT': op})
        print(name, edit, op, got, flush=True)
        assert 'at the next start' in got.values() or 'impossible' in got.values(), (edit, got)
PY
python3 "$tmp/true.py" "$abs_top_srcdir" "$tmp" > "$tmp/said" 2>&1 \
    || fail "$(tail -n 20 "$tmp/said")"
cat "$tmp/said"
hv kill vm1
assert_nothing_left
