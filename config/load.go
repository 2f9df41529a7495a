package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// delimiter joins the levels of a key. Viper's default, the dot, would split DNs and host names.
const delimiter = "::"

// envPrefix starts the name of every environment variable: tls::client-ca is GATEHOUSE_TLS_CLIENT_CA.
const envPrefix = "GATEHOUSE_"

// configEnv names the configuration file in the environment; it is no setting of its own.
const configEnv = envPrefix + "CONFIG"

// clientEnv are the variables that say which server the commands of an administrator ask, and as whom; they are no settings either.
var clientEnv = []string{EnvURL, EnvCAFile, EnvBindDN, EnvPasswordFile}

// The environment variables of commands that are clients of a server.
const (
	EnvURL          = envPrefix + "URL"
	EnvCAFile       = envPrefix + "CA_FILE"
	EnvBindDN       = envPrefix + "BIND_DN"
	EnvPasswordFile = envPrefix + "PASSWORD_FILE"
)

// Sources says where settings come from, weakest first: defaults, Base, File, Environ, Flags.
type Sources struct {
	Base    string         // a file of the same kind as File, such as the one in the data directory; "" for none
	File    string         // YAML, JSON or TOML by its ending; "" for none
	Environ []string       // as os.Environ returns it
	Flags   map[string]any // by key
}

// Problem is one thing that is wrong with the settings.
type Problem struct {
	Key  string // the key, or the environment variable, at fault; "" for the file as a whole
	Text string
}

// Problems is every problem of one load, as an error.
type Problems []Problem

// Error lists the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, q := range p {
		lines[i] = q.Text
		if q.Key != "" {
			lines[i] = strings.ReplaceAll(q.Key, delimiter, ": ") + ": " + q.Text
		}
	}
	return strings.Join(lines, "\n")
}

// Load reads all sources and returns the settings, or [Problems] with everything that is wrong.
func Load(s Sources) (*Config, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	var problems Problems
	problems = append(problems, readFile(v, s.Base)...)
	problems = append(problems, readFile(v, s.File)...)
	for _, set := range Settings {
		v.SetDefault(set.Key, set.Default)
	}
	problems = append(problems, readEnviron(v, s.Environ)...)
	for key, value := range s.Flags {
		v.Set(key, value)
	}
	c := &Config{}
	err := v.UnmarshalExact(c, func(dc *mapstructure.DecoderConfig) {
		dc.TagName = "key"
		dc.WeaklyTypedInput = true
		dc.DecodeHook = mapstructure.ComposeDecodeHookFunc(decodeHooks()...)
	})
	problems = append(problems, decodeProblems(err)...)
	problems = append(problems, problems.without(c.validate())...)
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
		return nil, problems
	}
	return c, nil
}

// without returns those of more that are about other keys: a value that could not be read is not also out of bounds.
func (p Problems) without(more Problems) Problems {
	setting := func(key string) string { name, _, _ := strings.Cut(key, "["); return name }
	return slices.DeleteFunc(more, func(m Problem) bool {
		return slices.ContainsFunc(p, func(q Problem) bool { return setting(q.Key) == setting(m.Key) })
	})
}

// readFile reads the file into v, over what is in it, and reports keys that no setting has.
func readFile(v *viper.Viper, file string) Problems {
	if file == "" {
		return nil
	}
	v.SetConfigFile(file)
	if filepath.Ext(file) == "" {
		v.SetConfigType("yaml")
	}
	if err := v.MergeInConfig(); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return Problems{{Text: fmt.Sprintf("configuration file %s does not exist", file)}}
		}
		return Problems{{Text: fmt.Sprintf("configuration file %s: %v", file, err)}}
	}
	var problems Problems
	for _, key := range v.AllKeys() {
		if !slices.ContainsFunc(Settings, func(s Setting) bool { return s.Key == key }) {
			problems = append(problems, Problem{Key: key, Text: unknownKey(key)})
			v.Set(key, nil) // reported once, by us
		}
	}
	return problems
}

// unknownKey says what is wrong with a key that no setting has.
func unknownKey(key string) string {
	for old, text := range retired {
		if key == old || strings.HasPrefix(key, old+delimiter) || strings.HasPrefix(old, key+delimiter) {
			return text
		}
	}
	return "unknown key" + suggest(key, settingKeys())
}

func settingKeys() []string {
	keys := make([]string, len(Settings))
	for i, s := range Settings {
		keys[i] = s.Key
	}
	return keys
}

// EnvName returns the environment variable of a key.
func EnvName(key string) string {
	return envPrefix + strings.NewReplacer(delimiter, "_", "-", "_").Replace(strings.ToUpper(key))
}

// readEnviron applies GATEHOUSE_ variables. Lists are separated by white space; lists of items are refused: they need names.
func readEnviron(v *viper.Viper, environ []string) Problems {
	names := make(map[string]Setting, len(Settings))
	for _, s := range Settings {
		names[EnvName(s.Key)] = s
	}
	var problems Problems
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || name == configEnv || slices.Contains(clientEnv, name) {
			continue
		}
		s, ok := names[name]
		switch _, list := s.Default.([]string); {
		case !ok && retiredEnv(name) != "":
			problems = append(problems, Problem{Key: name, Text: retiredEnv(name)})
		case !ok:
			all := make([]string, 0, len(names))
			for n := range names {
				all = append(all, n)
			}
			slices.Sort(all)
			problems = append(problems, Problem{Key: name, Text: "unknown environment variable" + suggest(name, all)})
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

// retiredEnv returns what to do about an environment variable that there was, "" for others.
func retiredEnv(name string) string {
	for key, text := range retired {
		if EnvName(key) == name {
			return text
		}
	}
	return ""
}

// FileFrom returns the configuration file to use: the flag, or GATEHOUSE_CONFIG, or none.
func FileFrom(flag string) string {
	if flag != "" {
		return flag
	}
	return os.Getenv(configEnv)
}
