// Package envelope splits an answer of the portal into its parts without decoding their contents.
// It implements docs/protocol.md 3 and 9.2.
package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// Envelope is a parsed answer. Its slices share the memory of the body.
type Envelope struct {
	// Result is the member result as sent; nil if the answer has none.
	Result []byte
	// Total and Next are present only if the portal sent a number.
	Total, Next Int
	// Time is the member time as sent; nil if the answer has none.
	Time []byte
	// Failure is set if and only if the answer has a member named error.
	Failure *Failure
	// Document means that the answer is a bare OpenAPI document (docs/protocol.md 9.1).
	Document bool
	// Rows are the answers to the commands of a batch by their keys, with everything that belongs
	// to each; nil if [ParseBatch] found no object as the result.
	Rows map[string]Envelope
}

// Int is an optional number.
type Int struct {
	N  int
	OK bool
}

// Failure is the error that the portal reports.
type Failure struct {
	// Code is the error code; empty if the portal sent an empty one.
	Code string
	// Description is the text for people, localized by the portal.
	Description string
	// Argument is the argument that ERROR_ARGUMENT is about.
	Argument string
	// Fields are the validation rows of REST 3.0.
	Fields []Field
}

// Field is a validation row.
type Field struct{ Name, Message string }

// ErrNotEnvelope is matched by every error of [Parse].
var ErrNotEnvelope = errors.New("not a REST API answer")

// Error is why an answer is not a REST API answer. It matches [ErrNotEnvelope].
type Error struct {
	// Err is the reason.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return ErrNotEnvelope.Error() + ": " + e.Err.Error() }

// Is reports whether target is [ErrNotEnvelope].
func (e *Error) Is(target error) bool { return target == ErrNotEnvelope }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Parse splits body into its parts. Anything except one complete JSON object is an error that
// matches [ErrNotEnvelope].
func Parse(body []byte) (Envelope, error) { return parse(body, (*Envelope).readResult) }

func (e *Envelope) readResult(dec *jsontext.Decoder, body []byte) (err error) {
	e.Result, err = read(dec, body)
	return err
}

// parse is Parse with a function that reads the member result.
func parse(body []byte, result func(*Envelope, *jsontext.Decoder, []byte) error) (Envelope, error) {
	body = begin(body)
	var e Envelope
	var p failureParts
	dec := decoder(body)
	err := members(dec, func(name string) error {
		if name == "result" {
			return result(&e, dec, body)
		}
		value, err := read(dec, body)
		if err == nil {
			e.member(name, value)
			p.member(name, value)
		}
		return err
	})
	if err == nil {
		err = end(dec)
	}
	if err != nil {
		return Envelope{}, &Error{err}
	}
	if p.failure != nil {
		e.Failure = p.parse()
	}
	return e, nil
}

// begin removes what PHP files saved with a byte order mark, or with an empty line before their
// first line, print before the answer; several files may do so.
func begin(body []byte) []byte {
	for {
		rest := bytes.TrimPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("\ufeff"))
		if len(rest) == len(body) {
			return body
		}
		body = rest
	}
}

func (e *Envelope) member(name string, value []byte) {
	switch name {
	case "total":
		e.Total = integer(value)
		e.Total.OK = e.Total.OK || kind(value) == jsontext.KindNull // PHP casts null to 0
	case "next":
		e.Next = integer(value)
	case "time":
		e.Time = value
	case "openapi":
		e.Document = true
	}
}

type failureParts struct{ failure, description, argument []byte }

func (p *failureParts) member(name string, value []byte) {
	switch name {
	case "error":
		p.failure = value
	case "error_description":
		p.description = value
	case "argument":
		p.argument = value
	}
}

func (p *failureParts) parse() *Failure {
	f := &Failure{Description: text(p.description), Argument: text(p.argument)}
	if kind(p.failure) != jsontext.KindBeginObject {
		f.Code = text(p.failure)
		return f
	}
	// REST 3.0 sends an object. It was parsed before, so it cannot fail.
	var field string
	_ = object(p.failure, func(name string, value []byte) {
		switch name {
		case "field":
			field = text(value)
		case "code":
			f.Code = text(value)
		case "message":
			f.Description = text(value)
		case "validation":
			f.Fields = fields(value)
		}
	})
	if field != "" && len(f.Fields) == 0 {
		f.Fields = []Field{{Name: field, Message: f.Description}}
	}
	return f
}

// fields reads rows of a field and a message. If PHP made an object of them, or a row is only its
// message, the names of the members are those of the fields.
func fields(rows []byte) []Field {
	var list []Field
	named := kind(rows) == jsontext.KindBeginObject
	_ = each(rows, func(key string, row []byte) {
		var f Field
		if _, err := strconv.Atoi(key); err != nil && named {
			f.Name = key
		}
		f.Message = text(row)
		read := object(row, func(name string, value []byte) {
			switch name {
			case "field":
				f.Name = text(value)
			case "message":
				f.Message = text(value)
			}
		})
		if read == nil || f.Message != "" {
			list = append(list, f)
		}
	})
	return list
}

// text returns the content of a string, the digits of a number, and "" for anything else.
func text(value []byte) string {
	switch kind(value) {
	case jsontext.KindString:
		s, _ := jsontext.AppendUnquote(nil, value) // invalid UTF-8 has become U+FFFD
		return string(s)
	case jsontext.KindNumber:
		return string(value)
	default:
		return ""
	}
}

// integer reads a number, or a string that holds one.
func integer(value []byte) Int {
	n, err := strconv.Atoi(text(value))
	if err != nil {
		return Int{}
	}
	return Int{N: n, OK: true}
}

func kind(value []byte) jsontext.Kind { return jsontext.Value(value).Kind() }

// object calls f for each member of the object b and checks that b is one complete JSON value.
func object(b []byte, f func(name string, value []byte)) error {
	dec := decoder(b)
	err := members(dec, func(name string) error {
		value, err := read(dec, b)
		if err == nil {
			f(name, value)
		}
		return err
	})
	if err != nil {
		return err
	}
	return end(dec)
}

// members calls f before the value of each member of the next object; f must read the value.
func members(dec *jsontext.Decoder, f func(name string) error) error {
	if tok, err := dec.ReadToken(); err != nil {
		return whole(err)
	} else if tok.Kind() != jsontext.KindBeginObject {
		return fmt.Errorf("a JSON %s instead of an object", tok.Kind())
	}
	for dec.PeekKind() == jsontext.KindString {
		tok, err := dec.ReadToken()
		if err != nil {
			return whole(err)
		}
		if err := f(tok.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return whole(err)
}

func decoder(b []byte) *jsontext.Decoder {
	// A bytes.Buffer is read in place, so offsets are positions in b.
	return jsontext.NewDecoder(bytes.NewBuffer(b),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// read returns the next value as a part of b; the decoder's own slice is valid only until its next
// read.
func read(dec *jsontext.Decoder, b []byte) ([]byte, error) {
	value, err := dec.ReadValue()
	if err != nil {
		return nil, whole(err)
	}
	stop := dec.InputOffset()
	start := stop - int64(len(value))
	return b[start:stop:stop], nil
}

// end ensures that nothing follows.
func end(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// whole keeps the reason and drops the position and the quoted input.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON ends too early")
	}
	if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return errors.New("invalid JSON at byte " + strconv.FormatInt(syn.ByteOffset, 10))
	}
	return err
}

// Member returns the member of an object, or the element of a list at the position given by name.
// If there is none, it returns nil and the existing names; a value that is neither an object nor a
// list has no names.
func Member(value []byte, name string) (member []byte, names []string, err error) {
	err = each(value, func(found string, v []byte) {
		names = append(names, found)
		if found == name {
			member = v
		}
	})
	return member, names, err
}

var errNoList = errors.New("the list does not end")

// each calls f for each member of an object and for each element of a list, with its position as
// the name: PHP encodes the same array as a list or an object, depending on its keys
// (docs/protocol.md 3.5). Any other value has no members. The value must be a part of a parsed
// body.
func each(value []byte, f func(name string, v []byte)) error {
	switch kind(value) {
	case jsontext.KindBeginObject:
		return object(value, f)
	case jsontext.KindBeginArray:
		i := 0
		if !jsonwalk.Elements(value, func(v []byte) bool {
			f(strconv.Itoa(i), v)
			i++
			return true
		}) {
			return errNoList
		}
		return nil
	default:
		return nil
	}
}
