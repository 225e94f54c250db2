package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/b24go/b24"
)

// row is an update: a line of the file, or several if a cell has line breaks.
type row struct {
	line   int // first line in the file, counted from 1 as in an editor
	id     string
	fields b24.Params
}

func (r row) command(method string) b24.Command {
	return b24.Command{Method: method, Params: b24.Params{"id": r.id, "fields": r.fields}}
}

// rows reads a CSV file, row by row.
func rows(name string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		f, err := os.Open(filepath.Clean(name)) //nolint:gosec // the user chose the file
		if err != nil {
			yield(row{}, err)
			return
		}
		defer func() { _ = f.Close() }() // opened only for reading
		in, columns, err := open(f)
		for err == nil {
			var r row
			if r, err = next(in, columns); err == nil && !yield(r, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(row{}, fmt.Errorf("%s: %w", name, err))
		}
	}
}

const byteOrderMark = "\uFEFF"

// open reads the header line. The separator between the columns is that of all cells: Excel writes
// semicolons if the decimal separator is a comma.
func open(f io.Reader) (in *csv.Reader, columns []string, err error) {
	text := bufio.NewReader(f)
	if start, _ := text.Peek(len(byteOrderMark)); string(start) == byteOrderMark { // an error returns on the next read
		_, _ = text.Discard(len(byteOrderMark))
	}
	start, _ := text.Peek(len(`"ID";`))
	in = csv.NewReader(text)
	switch rest := strings.TrimPrefix(strings.ReplaceAll(string(start), `"`, ""), "ID"); {
	case strings.HasPrefix(rest, ";"):
		in.Comma = ';'
	case strings.HasPrefix(rest, "\t"):
		in.Comma = '\t'
	}
	columns, err = in.Read()
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, nil, err
	case !utf8.ValidString(strings.Join(columns, "")):
		return nil, nil, errors.New("line 1: " + notUTF8)
	case len(columns) < 2 || columns[0] != "ID":
		return nil, nil, errors.New("the first line must name the columns, ID the first of them, with commas, semicolons or tabs between")
	}
	for i, column := range columns {
		if column == "" || slices.Contains(columns[:i], column) {
			return nil, nil, fmt.Errorf("line 1: column %d: the name %q is empty or stands there twice", i+1, column)
		}
	}
	return in, columns, nil
}

// notUTF8 reports a file whose letters would be garbled at the portal.
const notUTF8 = `the text is not UTF-8: save the file as "CSV UTF-8"`

func next(in *csv.Reader, columns []string) (row, error) {
	cells, err := in.Read()
	if err != nil {
		return row{}, err
	}
	line, _ := in.FieldPos(0)
	if n, err := strconv.ParseInt(cells[0], 10, 64); err != nil || n < 1 {
		return row{}, fmt.Errorf("line %d: %q is no id", line, cells[0])
	}
	fields := b24.Params{}
	for i, column := range columns[1:] {
		if !utf8.ValidString(cells[i+1]) {
			line, _ := in.FieldPos(i + 1)
			return row{}, fmt.Errorf("line %d: %s: %s", line, column, notUTF8)
		}
		fields[column] = cells[i+1]
	}
	return row{line: line, id: cells[0], fields: fields}, nil
}

// blocks yields the wanted rows in blocks of n.
func blocks(name string, n int, wanted func(line int) bool) iter.Seq2[[]row, error] {
	return func(yield func([]row, error) bool) {
		var block []row
		for r, err := range rows(name) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !wanted(r.line) {
				continue
			}
			block = append(block, r)
			if len(block) == n {
				if !yield(block, nil) {
					return
				}
				block = nil
			}
		}
		if len(block) > 0 {
			yield(block, nil)
		}
	}
}

// check reads the whole file before anything is sent, so that a mistake in the last line is
// reported at once. It returns the number of rows, and a checksum that identifies the file.
func check(name string) (n int, sum string, err error) {
	for _, err := range rows(name) {
		if err != nil {
			return 0, "", err
		}
		n++
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }() // opened only for reading
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return 0, "", err
	}
	return n, hex.EncodeToString(hash.Sum(nil)), nil
}

// generate writes a file with n updates of the deals 1 to n.
func generate(name string, n int) error {
	f, err := os.OpenFile(filepath.Clean(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := csv.NewWriter(f)
	list := [][]string{{"ID", "TITLE", "STAGE_ID"}}
	for i := range n {
		id := strconv.Itoa(i + 1)
		list = append(list, []string{id, "Order " + id, "WON"})
	}
	return errors.Join(out.WriteAll(list), f.Close())
}
