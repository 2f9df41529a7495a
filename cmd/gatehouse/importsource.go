package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/directory/foreign"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// importFile is one file of an import, open.
type importFile struct {
	name string // for messages
	file *os.File
	in   *bufio.Reader
	data io.Reader // in, with the bar of progress
}

// openImportFiles opens the files of the command line; "-" is standard input. size is the length of a single regular file,
// else -1.
func openImportFiles(cmd *cobra.Command, names []string) (files []importFile, size int64, err error) {
	size = -1
	for _, name := range names {
		if name == "-" {
			in, _ := cmd.InOrStdin().(*os.File)
			files = append(files, importFile{name: "standard input", file: in, in: bufio.NewReaderSize(cmd.InOrStdin(), foreign.DetectBytes)})
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			return files, size, err
		}
		info, err := file.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a directory; name the files", name)
		}
		if err != nil {
			return files, size, errors.Join(err, file.Close())
		}
		if len(names) == 1 && info.Mode().IsRegular() {
			size = info.Size()
		}
		files = append(files, importFile{name: name, file: file, in: bufio.NewReaderSize(file, foreign.DetectBytes)})
	}
	return files, size, nil
}

// formatOf returns the format of the files: what the flag says, or what they look like.
func formatOf(word string, files []importFile) (foreign.Format, error) {
	if word != "auto" {
		f := foreign.Format(word)
		if !slices.Contains(foreign.Formats(), f) {
			return "", usagef("--format %q is not one of auto, %s", word, formatList())
		}
		return f, nil
	}
	var found foreign.Format
	for i, file := range files {
		head, err := file.in.Peek(foreign.DetectBytes)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("%s: %w", file.name, err)
		}
		f, err := foreign.Detect(file.name, head)
		if err != nil {
			return "", fmt.Errorf("%s: %w", file.name, err)
		}
		if i > 0 && f != found {
			return "", fmt.Errorf("%s looks like %s, and %s like %s; import them one after the other, or give --format", files[0].name, found, file.name, f)
		}
		found = f
	}
	return found, nil
}

func formatList() string {
	var words []string
	for _, f := range foreign.Formats() {
		words = append(words, string(f))
	}
	return strings.Join(words, ", ")
}

// importSource is what an import reads: LDIF, and where its lines come from.
type importSource struct {
	name   string
	in     io.Reader
	file   *os.File        // that in reads, nil for none or a temporary one
	fill   []*ldif.Record  // entries that stand for themselves only if there are none of their names
	report *foreign.Report // of a conversion, else nil
	spool  *os.File
	origin []lineOrigin
	files  []string
}

// lineOrigin says where the lines of a converted input from line on come from.
type lineOrigin struct {
	line   int // of the LDIF
	file   int // index of the file
	source int // line in it
}

// at returns the file and line of a line of the LDIF.
func (s *importSource) at(line int) (string, int) {
	i, found := slices.BinarySearchFunc(s.origin, line, func(o lineOrigin, line int) int { return o.line - line })
	if !found {
		i--
	}
	if i < 0 {
		return s.name, line
	}
	return s.files[s.origin[i].file], s.origin[i].source
}

func (s *importSource) close() error {
	if s.spool == nil {
		return nil
	}
	return s.spool.Close()
}

// convertSource converts the files to LDIF in a temporary file that has no name. Nothing is imported unless all of it can be read.
func convertSource(f foreign.Format, o foreign.Options, files []importFile) (_ *importSource, err error) {
	spool, err := os.CreateTemp("", "gatehouse-import-*.ldif") // 0600: it holds hashes
	if err != nil {
		return nil, err
	}
	s := &importSource{name: files[0].name, spool: spool}
	defer func() {
		if err != nil {
			err = errors.Join(err, spool.Close())
		}
	}()
	if err := os.Remove(spool.Name()); err != nil {
		return nil, err
	}
	var inputs []foreign.Input
	for _, file := range files {
		inputs = append(inputs, foreign.Input{Name: file.name, Data: file.data})
	}
	count := &lineCounter{w: spool, lines: 1}
	w := ldif.NewWriter(count)
	s.report, err = foreign.Convert(f, o, inputs, func(e *foreign.Entry) error {
		if e.Scaffold {
			s.fill = append(s.fill, e.Record)
			return nil
		}
		s.mark(count.lines, e)
		return errors.Join(w.Record(e.Record), w.Flush())
	})
	if err != nil {
		return nil, err
	}
	_, err = spool.Seek(0, io.SeekStart)
	s.in = spool
	return s, err
}

// mark remembers that the LDIF from a line on is what an entry's lines became.
func (s *importSource) mark(line int, e *foreign.Entry) {
	file := slices.Index(s.files, e.File)
	if file < 0 {
		file = len(s.files)
		s.files = append(s.files, e.File)
	}
	s.origin = append(s.origin, lineOrigin{line, file, e.Line})
}

// lineCounter counts the lines that are written.
type lineCounter struct {
	w     io.Writer
	lines int // number of the next one
}

func (c *lineCounter) Write(b []byte) (int, error) {
	c.lines += bytes.Count(b, []byte{'\n'})
	return c.w.Write(b)
}

// conversion returns what a conversion stands on.
func (f *importFlags) conversion(s *schema.Schema, base string) (foreign.Options, error) {
	o := foreign.Options{
		Schema: s, Now: time.Now(), Base: base, People: f.people, Groups: f.groups,
		UIDMin: f.uidMin, UIDMax: f.uidMax, Values: f.values, KeepUnknown: f.unknown == "fail",
	}
	for _, text := range f.columns {
		list, err := foreign.ParseMap(text)
		if err != nil {
			return o, usagef("--map: %v", err)
		}
		o.Map = append(o.Map, list...)
	}
	switch d := []rune(f.delimiter); {
	case f.delimiter == `\t` || f.delimiter == "tab":
		o.Delimiter = '\t'
	case len(d) > 1 || len(d) == 1 && strings.ContainsRune("\"\r\n\ufffd", d[0]):
		return o, usagef("--delimiter %q is not one character such as ; or tab", f.delimiter)
	case len(d) == 1:
		o.Delimiter = d[0]
	}
	return o, nil
}
