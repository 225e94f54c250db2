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
	whole := jsonwalk.Members(result, func(name, values []byte) bool {
		if set := setter(text(name)); set != nil {
			entries(values, func(key string, value []byte) {
				row := rows[key]
				set(&row, value)
				rows[key] = row
			})
		}
		return true
	})
	if !whole {
		return nil, fmt.Errorf("%w: a batch's result is no object", ErrNotEnvelope)
	}
	return rows, nil
}

// entries calls f with each entry of a section, which is a list or an object.
func entries(section []byte, f func(key string, value []byte)) {
	i := 0
	jsonwalk.Elements(section, func(value []byte) bool {
		f(strconv.Itoa(i), value)
		i++
		return true
	})
	jsonwalk.Members(section, func(name, value []byte) bool {
		f(text(name), value)
		return true
	})
}

func setter(section string) func(row *Envelope, value []byte) {
	switch section {
	case "result":
		return func(row *Envelope, value []byte) { row.Result = value }
	case "result_error":
		return func(row *Envelope, value []byte) { row.Failure = rowFailure(value) }
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
