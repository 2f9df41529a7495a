package config

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// envPrefix starts the name of every environment variable: tls::client-ca is GATEHOUSE_TLS_CLIENT_CA.
const envPrefix = "GATEHOUSE_"

// configEnv names the configuration file in the environment; it is no setting of its own.
const configEnv = envPrefix + "CONFIG"

// The environment variables of commands that are clients of a server; they are no settings either.
const (
	EnvURL          = envPrefix + "URL"
	EnvCAFile       = envPrefix + "CA_FILE"
	EnvBindDN       = envPrefix + "BIND_DN"
	EnvPasswordFile = envPrefix + "PASSWORD_FILE"
)

// commandEnv are the variables that are read elsewhere.
var commandEnv = []string{configEnv, EnvURL, EnvCAFile, EnvBindDN, EnvPasswordFile}

// EnvName returns the environment variable of a key.
func EnvName(key string) string {
	return envPrefix + strings.NewReplacer(delimiter, "_", "-", "_").Replace(strings.ToUpper(key))
}

// FileFrom returns the configuration file to use: the flag, or GATEHOUSE_CONFIG, or none.
func FileFrom(flag string) string {
	if flag != "" {
		return flag
	}
	return os.Getenv(configEnv)
}

// readEnviron applies GATEHOUSE_ variables. Lists are separated by white space; lists of items are refused: they need names.
// A variable that is not known is a problem if it looks like a setting; see [StrangeEnviron] for the others.
func readEnviron(v *viper.Viper, environ []string) Problems {
	var problems Problems
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(commandEnv, name) {
			continue
		}
		at := slices.IndexFunc(Settings, func(s Setting) bool { return EnvName(s.Key) == name })
		if at < 0 {
			if text := unknownEnv(name, value); text != "" {
				problems = append(problems, Problem{Key: name, Text: text})
			}
			continue
		}
		s := Settings[at]
		switch _, list := s.Default.([]string); {
		case s.Elements && value != "":
			problems = append(problems, Problem{Key: name, Text: "a list of items cannot be given in the environment; use the configuration file (an empty value empties the list)"})
		case s.Elements:
			v.Set(s.Key, []any{})
		case list:
			v.Set(s.Key, strings.Fields(value))
		default:
			v.Set(s.Key, value)
		}
	}
	return problems
}

// StrangeEnviron returns, sorted, the names of variables that begin like ours, mean nothing here, and do not look like a setting
// that is misspelt: [Load] passes them over, and whoever set them should hear of it. What a platform sets by itself is not
// among them.
func StrangeEnviron(environ []string) []string {
	var names []string
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, envPrefix) && !slices.Contains(knownEnv(), name) && !setByPlatform(name, value) && unknownEnv(name, value) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unknownEnv says what is wrong with a variable that is not known, "" if it is most likely not meant for us. To pass over a setting
// that is misspelt would be to serve with another one; to refuse what a platform or an image has for itself would be not to serve.
func unknownEnv(name, value string) string {
	for key, text := range retired {
		if EnvName(key) == name {
			return text
		}
	}
	if setByPlatform(name, value) || !nearKnownEnv(name) {
		return ""
	}
	return "unknown environment variable" + suggest(name, knownEnv())
}

// platformEnv is what Kubernetes (and Docker, for links) tells each container about a service called gatehouse or gatehouse-something.
var platformEnv = regexp.MustCompile(`^` + envPrefix + `(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// setByPlatform reports whether a variable is one of those. GATEHOUSE_PORT is, with a URL in it; with a number somebody has set it.
func setByPlatform(name, value string) bool {
	return platformEnv.MatchString(name) || (strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://"))
}

// nearKnownEnv reports whether a name looks like one of ours: it has but a few other letters, or begins with a whole one, such as
// GATEHOUSE_DATA_DIR, or is or begins with a group of settings, such as GATEHOUSE_TLS_VERSION.
func nearKnownEnv(name string) bool {
	near := func(known string) bool {
		letters := max(len(name), len(known)) - len(envPrefix)
		return strings.HasPrefix(name, known+"_") || distance(name, known) <= letters/3
	}
	inGroup := func(s Setting) bool {
		group, _, nested := strings.Cut(s.Key, delimiter)
		return nested && strings.HasPrefix(name+"_", EnvName(group)+"_")
	}
	return slices.ContainsFunc(knownEnv(), near) || slices.ContainsFunc(Settings, inGroup)
}

// knownEnv returns the names of all variables that mean something, sorted.
func knownEnv() []string {
	names := slices.Clone(commandEnv)
	for _, s := range Settings {
		names = append(names, EnvName(s.Key))
	}
	slices.Sort(names)
	return names
}
