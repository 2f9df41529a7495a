package config

import (
	"fmt"
	"reflect"
)

// flatten returns the text of every setting by key, for comparing two configurations.
func (cfg *Config) flatten() map[string]string {
	out := make(map[string]string, len(Settings))
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for i := range v.NumField() {
			key := v.Type().Field(i).Tag.Get("key")
			if prefix != "" {
				key = prefix + delimiter + key
			}
			f := v.Field(i)
			if f.Kind() == reflect.Struct && f.Type().PkgPath() == v.Type().PkgPath() {
				walk(key, f)
				continue
			}
			out[key] = fmt.Sprintf("%v", f.Interface())
		}
	}
	walk("", reflect.ValueOf(cfg).Elem())
	return out
}
