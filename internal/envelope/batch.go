package envelope

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// ParseBatch takes the result of a batch, which Parse has read, apart: the answers by the keys of their
// commands (protocol.md 4.4). Each section is a list or an object by luck. An
// answer with neither Result nor Failure tells nothing about its command.
func ParseBatch(result []byte) (map[string]Envelope, error) {
	rows := make(map[string]Envelope)
	n, of := 0, ""
	var set func(row *Envelope, value []byte)
	whole := jsonwalk.Sections(result, func(section, name, value []byte) {
		if at := text(section); at != of {
			n, of, set = 0, at, setter(at)
		}
		key := strconv.Itoa(n)
		if name != nil {
			key = text(name)
		}
		n++
		if set != nil {
			row := rows[key]
			set(&row, value)
			rows[key] = row
		}
	})
	if !whole {
		return nil, fmt.Errorf("%w: a batch's result is no object", ErrNotEnvelope)
	}
	return rows, nil
}

func setter(section string) func(row *Envelope, value []byte) {
	switch section {
	case "result":
		return func(row *Envelope, value []byte) { row.Result = value }
	case "result_error":
		return func(row *Envelope, value []byte) {
			if string(value) != "null" && string(value) != "[]" { // no failure to PHP
				row.Failure = rowFailure(value)
			}
		}
	case "result_total":
		return func(row *Envelope, value []byte) { row.Total = integer(value) }
	case "result_next":
		return func(row *Envelope, value []byte) { row.Next = integer(value) }
	case "result_time":
		return func(row *Envelope, value []byte) { row.Time = value }
	default:
		return nil
	}
}

// rowFailure reads an entry of result_error: an object as a single call's answer
// is, on older portals a bare text.
func rowFailure(value []byte) *Failure {
	if kind(value) != jsontext.KindBeginObject {
		said := text(value)
		if strings.ContainsAny(said, " .,") {
			return &Failure{Description: said}
		}
		return &Failure{Code: said}
	}
	var p failureParts
	_ = object(value, func(name string, v []byte) {
		switch name {
		case "error":
			p.failure = v
		case "error_description":
			p.description = v
		case "argument":
			p.argument = v
		}
	})
	return p.parse()
}

// Rows returns the elements of a list, as they stand there: the result of a batch
// of REST 3.0.
func Rows(result []byte) ([][]byte, error) {
	var rows [][]byte
	if !jsonwalk.Elements(result, func(v []byte) bool { rows = append(rows, v); return true }) {
		return nil, fmt.Errorf("%w: a batch's result is no list", ErrNotEnvelope)
	}
	return rows, nil
}

// Column returns the values of one field in all rows of a list, as a list.
func Column(rows []byte, field string) ([]byte, error) {
	list, err := Rows(rows)
	if err != nil {
		return nil, err
	}
	column := []byte{'['}
	for i, row := range list {
		value, _, err := Member(row, field)
		if err != nil || value == nil {
			return nil, fmt.Errorf("row %d has no %s", i, field)
		}
		if i > 0 {
			column = append(column, ',')
		}
		column = append(column, value...)
	}
	return append(column, ']'), nil
}
