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

// ParseBatch is Parse for the answer to a batch, and fills Rows (docs/protocol.md 4.4) on
// the way: to go over the rows of fifty lists again takes as long as to check them.
// An answer with neither Result nor Failure tells nothing about its command.
func ParseBatch(body []byte) (Envelope, error) { return parse(body, (*Envelope).readSections) }

func (e *Envelope) readSections(dec *jsontext.Decoder, body []byte) error {
	e.Rows = nil
	if dec.PeekKind() != jsontext.KindBeginObject {
		return e.readResult(dec, body)
	}
	e.Rows = make(map[string]Envelope)
	from := dec.InputOffset() // behind the name; a colon and white space lie between
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

// entries calls f with each entry of the next value, which is a list or an object as
// PHP had it (docs/protocol.md 3.5). Anything else has none.
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

// elements is members for the elements of an array, whose names are their positions.
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
	_ = object(value, p.member)
	return p.parse()
}

// Rows returns the elements of a list, as they stand there: the result of a batch
// of REST 3.0.
func Rows(result []byte) ([][]byte, error) {
	var rows [][]byte
	if !jsonwalk.Elements(result, func(v []byte) bool { rows = append(rows, v); return true }) {
		return nil, &Error{errors.New("a batch's result is no list")}
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
