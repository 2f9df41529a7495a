package config

import (
	"slices"
	"testing"
)

// A variable that looks like a setting is refused, one of a platform is passed over, any other is named by StrangeEnviron.
func TestUnknownEnviron(t *testing.T) {
	t.Parallel()
	const refused, passed, named = "refused", "passed over", "named"
	for line, want := range map[string]string{
		"GATEHOUSE_LOG_LEVLE=info":                       refused,
		"GATEHOUSE_LISTNE=ldap://127.0.0.1":              refused,
		"GATEHOUSE_DATA_DIR=/data":                       refused,
		"GATEHOUSE_CONFIG_FILE=/etc/g.yaml":              refused,
		"GATEHOUSE_CONF=/etc/g.yaml":                     refused,
		"GATEHOUSE_TLS=off":                              refused,
		"GATEHOUSE_TLS_CIPHERS=all":                      refused,
		"GATEHOUSE_PASSWORD=secret":                      refused,
		"GATEHOUSE_URI=ldap://127.0.0.1":                 refused,
		"GATEHOUSE_ACCESS_READERS=cn=a":                  refused, // was a setting once
		"GATEHOUSE_PORT=tcp://10.0.0.7:389":              passed,
		"GATEHOUSE_PORT_389_TCP=tcp://10.0.0.7:389":      passed,
		"GATEHOUSE_PORT_389_TCP_PROTO=tcp":               passed,
		"GATEHOUSE_PORT_389_TCP_ADDR=10.0.0.7":           passed,
		"GATEHOUSE_SERVICE_HOST=10.0.0.7":                passed,
		"GATEHOUSE_SERVICE_PORT=389":                     passed,
		"GATEHOUSE_SERVICE_PORT_LDAPS=636":               passed,
		"GATEHOUSE_SERVER_PORT=tcp://10.0.0.7:389":       passed, // of a service called gatehouse-server
		"GATEHOUSE_SERVER_SERVICE_HOST=10.0.0.7":         passed,
		"GATEHOUSE_DATA_PORT_389_TCP=tcp://10.0.0.7:389": passed,
		"GATEHOUSE_LOG_LEVEL=info":                       passed,
		"GATEHOUSE_URL=ldap://127.0.0.1":                 passed,
		"GATEHOUSE_CONFIG=x":                             passed,
		"HOSTS=a":                                        passed,
		"GATEHOUSE_SERVER_PORT=389":                      refused,
		"GATEHOUSE_PORT=389":                             named,
		"GATEHOUSE_HOSTS=a b":                            named,
		"GATEHOUSE_VERSION=1":                            named,
		"GATEHOUSE_ADMIN_PASSWORD=secret":                named,
		"GATEHOUSE_BASE=dc=example,dc=org":               named,
		"GATEHOUSE_=":                                    named,
	} {
		got := passed
		if _, err := Load(Sources{Environ: []string{line}}); err != nil {
			got = refused
		}
		if strange := StrangeEnviron([]string{line, "PATH=/bin"}); len(strange) > 0 {
			if got == refused {
				t.Errorf("%s is both refused and named", line)
			}
			got = named
		}
		if got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
	if got, want := StrangeEnviron([]string{"GATEHOUSE_B=1", "GATEHOUSE_A=secret"}), []string{"GATEHOUSE_A", "GATEHOUSE_B"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
