"""Searches with controls by python-ldap; each line that is printed is held against what the test expects."""
import sys

import ldap
from ldap.controls.deref import DereferenceControl
from ldap.controls.libldap import MatchedValuesControl, SimplePagedResultsControl
from ldap.controls.sss import SSSRequestControl

url, base, who, password = sys.argv[1:]
conn = ldap.initialize(url)
conn.simple_bind_s(who, password)


def search(text, attrs, *controls, dn=base, scope=ldap.SCOPE_SUBTREE):
    _, found, _, answers = conn.result3(conn.search_ext(dn, scope, text, attrs, serverctrls=list(controls)))
    return [entry for entry in found if entry[0]], {c.controlType: c for c in answers}


# Three searches by pages, a page of each in turn, on one connection.
running = [(text, SimplePagedResultsControl(True, 50 + i, ""), []) for i, text in enumerate(["(uid=u*)", "(uidNumber>=10000)", "(cn=User *)"])]
left = list(running)
while left:
    for one in list(left):
        found, answers = search(one[0], ["uid"], one[1])
        one[2].extend(dn for dn, _ in found)
        one[1].cookie = answers[SimplePagedResultsControl.controlType].cookie
        if not one[1].cookie:
            left.remove(one)
for text, _, names in running:
    print("pages", text, len(names), len(set(names)))

found, answers = search("(uid=u*)", ["uid"], SSSRequestControl(True, ["-uid"]))
names = [entry["uid"][0] for _, entry in found]
print("sorted", len(names), names == sorted(names, reverse=True))

control = DereferenceControl(True, {"member": ["uid", "uidNumber"]})
_, found, _, _, _, _ = conn.result4(conn.search_ext("cn=large,ou=groups," + base, ldap.SCOPE_BASE, "(objectClass=*)", ["cn"], serverctrls=[control]), add_ctrls=1)
members = found[0][2][0].derefRes["member"]
print("deref", len(members), *sorted((dn, *entry["uid"], *entry["uidNumber"]) for dn, entry in members)[0])

found, _ = search("(uid=u00001)", ["objectClass", "uid"], MatchedValuesControl(True, "((objectClass=posixAccount))"))
print("values", found[0][1]["objectClass"], found[0][1]["uid"])
