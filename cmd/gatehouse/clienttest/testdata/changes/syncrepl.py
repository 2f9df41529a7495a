# python-ldap's SyncreplConsumer: a poll, a poll with its cookie, and a persistent search that is told what others do.
# Arguments: URL, base, DN, password.
import sys
import ldap
import ldap.ldapobject
import ldap.syncrepl

url, base, dn, password = sys.argv[1:5]


class Consumer(ldap.ldapobject.ReconnectLDAPObject, ldap.syncrepl.SyncreplConsumer):
    cookie = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names, self.present, self.log, self.done = {}, [], [], False

    def syncrepl_get_cookie(self):
        return self.cookie

    def syncrepl_set_cookie(self, cookie):
        self.cookie = cookie

    def syncrepl_entry(self, name, attrs, uuid):
        self.log.append(('changed ' if uuid in self.names else 'added ') + ldap.dn.explode_rdn(name, True)[0])
        self.names[uuid] = name

    def syncrepl_delete(self, uuids):
        for uuid in uuids:
            self.log.append('deleted ' + ldap.dn.explode_rdn(self.names.pop(uuid), True)[0])

    def syncrepl_present(self, uuids, refreshDeletes=False):
        if uuids is not None:
            self.present.extend(uuids)
            return
        if not refreshDeletes:
            self.syncrepl_delete([uuid for uuid in self.names if uuid not in self.present])
        self.present = []

    def syncrepl_refreshdone(self):
        self.done = True

    def said(self):
        log, self.log = sorted(self.log), []
        return log


def connect():
    c = Consumer(url)
    c.simple_bind_s(dn, password)
    return c


def refresh(c):
    msgid = c.syncrepl_search(base, ldap.SCOPE_SUBTREE, mode='refreshOnly', filterstr='(uid=u*)', attrlist=['uid', 'title'])
    while c.syncrepl_poll(msgid=msgid, all=1, timeout=20):
        pass
    return c.said()


writer = ldap.initialize(url)
writer.simple_bind_s(dn, password)


def person(uid):
    return [('objectClass', b'inetOrgPerson'), ('uid', uid.encode()), ('cn', b'c'), ('sn', b's')]


def name(uid):
    return 'uid=%s,ou=people,%s' % (uid, base)


poller = connect()
print('at first', len(refresh(poller)))
print('again', refresh(poller))
writer.add_s(name('unew'), person('unew'))
writer.modify_s(name('u00002'), [(ldap.MOD_REPLACE, 'title', b'x')])
writer.delete_s(name('u00003'))
print('then', refresh(poller))

follower = connect()
msgid = follower.syncrepl_search(base, ldap.SCOPE_SUBTREE, mode='refreshAndPersist', filterstr='(uid=u*)', attrlist=['uid', 'title'])
while not follower.done:
    follower.syncrepl_poll(msgid=msgid, timeout=20)
print('refreshed', len(follower.said()))
for change in (
    lambda: writer.add_s(name('ulast'), person('ulast')),
    lambda: writer.modify_s(name('u00004'), [(ldap.MOD_REPLACE, 'title', b'y')]),
    lambda: writer.rename_s(name('u00005'), 'uid=x00005'),
    lambda: writer.rename_s(name('x00005'), 'uid=u00005'),
    lambda: writer.delete_s(name('ulast')),
):
    cookie = follower.cookie
    change()
    while follower.cookie == cookie:
        follower.syncrepl_poll(msgid=msgid, timeout=20)
    print(follower.said())
follower.unbind_s()

# The cookie of the persistent search serves a poll on another connection.
back = connect()
back.cookie, back.names = follower.cookie, follower.names
writer.delete_s(name('unew'))
print('back', refresh(back))
