package envelope

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseBatch takes the result of a batch apart: the answers by the keys of their
// commands (protocol.md 4.4). Each section is a list or an object by luck. An
// answer with neither Result nor Failure tells nothing about its command.
func ParseBatch(result []byte) (map[string]Envelope, error) {
	rows := make(map[string]Envelope)
	err := object(result, func(section string, values []byte) {
		set := setter(section)
		if set == nil {
			return
		}
		// It was read once already: no error is left.
		_ = each(values, func(key string, value []byte) {
			row := rows[key]
			set(&row, value)
			rows[key] = row
		})
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotEnvelope, err)
	}
	return rows, nil
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
	if kind(result) != jsontext.KindBeginArray {
		return nil, fmt.Errorf("%w: the result is no list", ErrNotEnvelope)
	}
	var rows [][]byte
	err := elements(result, func(v []byte) { rows = append(rows, v) })
	return rows, err
}
