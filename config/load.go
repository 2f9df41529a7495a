package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// delimiter joins the levels of a key. Viper's default, the dot, would split DNs and host names.
const delimiter = "::"

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
