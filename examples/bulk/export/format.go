package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

const (
	formatJSON = "jsonl"
	formatCSV  = "csv"
)

// rowWriter writes rows in one of the formats.
type rowWriter interface {
	write(row json.RawMessage) error
}

// jsonLines writes each row as a line, as the portal sent it.
type jsonLines struct {
	w    io.Writer
	line bytes.Buffer
}

func (j *jsonLines) write(row json.RawMessage) error {
	j.line.Reset()
	if err := json.Compact(&j.line, row); err != nil {
		return err
	}
	j.line.WriteByte('\n')
	_, err := j.w.Write(j.line.Bytes())
	return err
}

// table writes CSV. Its columns are those of the first row, unless they are specified.
type table struct {
	w       io.Writer
	columns []string
	headed  bool // the header line is written
}

func (t *table) write(row json.RawMessage) error {
	var cells map[string]json.RawMessage
	if err := json.Unmarshal(row, &cells); err != nil {
		return err
	}
	if t.columns == nil {
		t.columns = slices.Sorted(maps.Keys(cells))
	}
	out := csv.NewWriter(t.w)
	if !t.headed {
		_ = out.Write(t.columns) // out keeps the error
		t.headed = true
	}
	line := make([]string, len(t.columns))
	for i, column := range t.columns {
		line[i] = cell(cells[column])
		delete(cells, column)
	}
	for extra := range cells {
		if !slices.Contains([]string{"id", "ID"}, extra) { // the portal adds the id unasked
			return fmt.Errorf("the row has %q, which is no column: name the fields with -select", extra)
		}
	}
	_ = out.Write(line) // out keeps the error
	out.Flush()
	return out.Error()
}

// cell returns a value as a CSV cell: text as it is, null as an empty cell, anything else as JSON.
func cell(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
