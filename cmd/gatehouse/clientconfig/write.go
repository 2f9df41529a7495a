package clientconfig

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Write puts files below a directory, each at its path with its mode. A file of the same name is replaced at once: readers see the old
// or the new one. As root it also sets owners, by the names in etc/passwd and etc/group below the directory; what they do not know
// stays the writer's.
func Write(dir string, files []File) error {
	for _, f := range files {
		if err := f.write(dir); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) write(dir string) (err error) {
	path := filepath.Join(dir, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".gatehouse.*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(f.Content)
	if err == nil && os.Getuid() == 0 {
		err = f.own(tmp, dir)
	}
	if err = errors.Join(err, tmp.Chmod(f.Mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// own gives an open file its owner, as far as the machine below dir knows it.
func (f *File) own(file *os.File, dir string) error {
	user, group, _ := strings.Cut(f.Owner, ":")
	uid, err := number(filepath.Join(dir, "etc/passwd"), user)
	if err != nil {
		return err
	}
	gid, err := number(filepath.Join(dir, "etc/group"), group)
	if err != nil {
		return err
	}
	return file.Chown(uid, gid)
}

// number finds a name in a file such as /etc/passwd; -1 if the file or the name is not there.
func number(file, name string) (int, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if part := strings.Split(string(line), ":"); len(part) > 2 && part[0] == name {
			n, err := strconv.Atoi(part[2])
			if err != nil {
				return 0, fmt.Errorf("%s: %s: %w", file, name, err)
			}
			return n, nil
		}
	}
	return -1, nil
}
