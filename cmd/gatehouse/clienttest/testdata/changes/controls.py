# Assertion, pre-read, post-read and Cancel, with python-ldap. Arguments: URL, base, DN, password.
import sys
import ldap
import ldap.controls.libldap
import ldap.controls.readentry

url, base, dn, password = sys.argv[1:5]
c = ldap.initialize(url)
c.simple_bind_s(dn, password)
who = 'uid=u00001,ou=people,' + base


def assertion(filterstr):
    return ldap.controls.libldap.AssertionControl(True, filterstr)


def answer(msgid):
    return c.result3(msgid)[3]


before = ldap.controls.readentry.PreReadControl(criticality=True, attrList=['title', 'entryCSN'])
after = ldap.controls.readentry.PostReadControl(criticality=True, attrList=['title', 'entryCSN', 'memberOf'])
ctrls = {x.controlType: x for x in answer(c.modify_ext(who, [(ldap.MOD_REPLACE, 'title', b'chief')], serverctrls=[before, after]))}
pre, post = ctrls[before.controlType], ctrls[after.controlType]
found = c.search_s(who, ldap.SCOPE_BASE, attrlist=['title', 'entryCSN', 'memberOf'])[0]
print('read', 'title' in pre.entry, pre.entry['entryCSN'] < post.entry['entryCSN'], (post.dn, post.entry) == found)

for filterstr in ('(title=chief)', '(title=nobody)', '(userPassword=*)'):
    try:
        c.modify_ext_s(who, [(ldap.MOD_REPLACE, 'description', b'x')], serverctrls=[assertion(filterstr)])
        print('assert', filterstr, 'ok')
    except ldap.ASSERTION_FAILED:
        print('assert', filterstr, 'failed')

renamed = {x.controlType: x for x in answer(c.rename(who, 'uid=u99999', serverctrls=[after]))}[after.controlType]
print('renamed', renamed.dn)
gone = {x.controlType: x for x in answer(c.delete_ext(renamed.dn, serverctrls=[before]))}[before.controlType]
print('deleted', gone.dn, gone.entry['title'])

# A Cancel of what is not there, and of a persistent search, which answers canceled.
try:
    c.cancel_s(4711)
except ldap.NO_SUCH_OPERATION:
    print('cancel of nothing')
import ldap.syncrepl
msgid = c.search_ext(base, ldap.SCOPE_SUBTREE, '(uid=u0000*)', attrlist=['uid'], serverctrls=[ldap.syncrepl.SyncRequestControl(mode='refreshAndPersist')])
c.result3(msgid, all=0)
c.cancel_s(msgid)
try:
    while True:
        c.result3(msgid, all=0, timeout=20)
except ldap.CANCELLED:
    print('cancelled')
