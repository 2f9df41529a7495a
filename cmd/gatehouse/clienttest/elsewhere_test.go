package clienttest

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestPrograms holds the files of programs that Debian does not have against the forms that they read, and runs the printed scripts
// with stand-ins of what they call.
func TestPrograms(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People})
	for _, name := range []string{"keycloak", "gitlab", "grafana", "nextcloud", "jenkins"} {
		h.ClientConfig(name, "--group", "developers")
	}
	t.Run("grafana", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("python3", "-c", `import tomllib; c = tomllib.load(open("/etc/grafana/ldap.toml", "rb")); s = c["servers"][0]
print(s["host"], s["port"], s["use_ssl"], s["start_tls"], s["root_ca_cert"], s["bind_dn"], s["search_filter"], len(s["group_mappings"]))`),
			ServerName+" 636 True False /etc/gatehouse/ca.pem cn=grafana,ou=services,"+Base+" (&(uid=%s)(memberOf=cn=developers,ou=groups,"+Base+")) 3")
	})
	t.Run("gitlab", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.ReadFile("/etc/gitlab/gatehouse.rb"), "'host' => '"+ServerName+"',\n    'port' => 636,\n    'encryption' => 'simple_tls',",
			"'user_filter' => '(memberOf=cn=developers,ou=groups,"+Base+")',")
	})
	t.Run("jenkins", func(t *testing.T) {
		var c struct {
			Jenkins struct {
				SecurityRealm struct {
					LDAP struct{ Configurations []map[string]any } `yaml:"ldap"`
				} `yaml:"securityRealm"`
			}
		}
		if err := yaml.Unmarshal([]byte(h.ReadFile("/var/lib/jenkins/casc_configs/gatehouse.yaml")), &c); err != nil {
			t.Fatal(err)
		}
		if l := c.Jenkins.SecurityRealm.LDAP.Configurations; len(l) != 1 || l[0]["server"] != "ldaps://"+ServerName || l[0]["managerDN"] != "cn=jenkins,ou=services,"+Base {
			t.Errorf("read as %v", l)
		}
	})
	t.Run("keycloak", func(t *testing.T) {
		h := h.For(t)
		h.WriteFile("/usr/local/bin/kcadm.sh", "#!/bin/sh\npython3 -c 'import json, sys; print(json.load(sys.stdin)[\"name\"])' >>/tmp/components && case \"$*\" in *-i*) echo an-id;; esac\n", 0o755)
		h.Run("/etc/gatehouse/keycloak.sh", "realm")
		if got := h.ReadFile("/tmp/components"); got != "gatehouse\ngroups\n" {
			t.Errorf("components: %q", got)
		}
	})
	t.Run("nextcloud", func(t *testing.T) {
		h := h.For(t)
		h.WriteFile("/var/www/nextcloud/occ", `<?php
array_shift($argv);
if ($argv[0] === 'ldap:show-config') { exit(1); }
if ($argv[0] === 'ldap:create-empty-config') { echo "s02\n"; }
file_put_contents('/tmp/occ', json_encode($argv, JSON_UNESCAPED_SLASHES) . "\n", FILE_APPEND);
`, 0o644)
		h.Run("/etc/gatehouse/nextcloud.sh")
		done := h.ReadFile("/tmp/occ")
		wants(t, done, `["ldap:set-config","s02","ldapHost","ldaps://`+ServerName+`"]`, `["ldap:set-config","s02","ldapPort","636"]`,
			`["ldap:set-config","s02","ldapLoginFilter","(&(objectClass=inetOrgPerson)(|(uid=%uid)(mail=%uid))(memberOf=cn=developers,ou=groups,`+Base+`))"]`,
			`["ldap:test-config","s02"]`)
		if strings.Contains(done, "turnOffCertCheck\",\"1") {
			t.Error("the certificate is not checked")
		}
	})
}
