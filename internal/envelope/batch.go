package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// ParseBatch is [Parse] for the answer to a batch. It also fills Rows (docs/protocol.md 4.4) in the
// same pass, because a second pass over the rows of fifty lists takes as long as checking them. An
// answer with neither Result nor Failure reveals nothing about its command.
func ParseBatch(body []byte) (Envelope, error) { return parse(body, (*Envelope).readSections) }

func (e *Envelope) readSections(dec *jsontext.Decoder, body []byte) error {
	e.Rows = nil
	if dec.PeekKind() != jsontext.KindBeginObject {
		return e.readResult(dec, body)
	}
	e.Rows = make(map[string]Envelope)
	from := dec.InputOffset() // after the name; a colon and white space follow
	err := members(dec, func(section string) error {
		set := setter(section)
		return entries(dec, body, func(key string, value []byte) {
			if set != nil {
				row := e.Rows[key]
				set(&row, value)
				e.Rows[key] = row
			}
		})
	})
	to := dec.InputOffset()
	e.Result = bytes.TrimLeft(body[from:to:to], ": \t\r\n")
	return err
}

// entries calls f with each entry of the next value, which is a list or an object, depending on
// PHP's keys (docs/protocol.md 3.5). Any other value has no entries.
func entries(dec *jsontext.Decoder, body []byte, f func(key string, value []byte)) error {
	entry := func(key string) error {
		value, err := read(dec, body)
		if err == nil {
			f(key, value)
		}
		return err
	}
	switch dec.PeekKind() {
	case jsontext.KindBeginObject:
		return members(dec, entry)
	case jsontext.KindBeginArray:
		return elements(dec, entry)
	default:
		_, err := read(dec, body)
		return err
	}
}

// elements is members for an array, with positions as names.
func elements(dec *jsontext.Decoder, f func(name string) error) error {
	if _, err := dec.ReadToken(); err != nil {
		return whole(err)
	}
	for n := 0; dec.PeekKind() != jsontext.KindEndArray; n++ {
		if err := f(strconv.Itoa(n)); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return whole(err)
}

func setter(section string) func(row *Envelope, value []byte) {
	switch section {
	case "result":
		return func(row *Envelope, value []byte) { row.Result = value }
	case "result_error":
		return func(row *Envelope, value []byte) {
			if string(value) != "null" && string(value) != "[]" { // not a failure to PHP
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

// rowFailure reads an entry of result_error: an object like the answer to a single call or, on
// older portals, a plain text.
func rowFailure(value []byte) *Failure {
	if kind(value) != jsontext.KindBeginObject {
		said := text(value)
		if strings.ContainsAny(said, " .,") {
			return &Failure{Description: said}
		}
		return &Failure{Code: said}
	}
	var p failureParts
	_ = object(value, p.member)
	return p.parse()
}

// Rows returns the elements of a list unchanged: the result of a REST 3.0 batch.
func Rows(result []byte) ([][]byte, error) {
	var rows [][]byte
	if !jsonwalk.Elements(result, func(v []byte) bool { rows = append(rows, v); return true }) {
		return nil, &Error{errors.New("the result of a batch is not a list")}
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
