// Package phpquery writes the parameters of one command of a batch as the query string that PHP's
// parse_str reads back unchanged. It implements docs/protocol.md 2.2, 4.1, 4.2 and 4.6, and was
// checked against PHP itself (testdata/parse_str.php).
package phpquery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxVariables is below PHP's max_input_vars, 1000 unless the portal set it lower: PHP silently
	// drops further variables (docs/protocol.md 2.2).
	maxVariables = 900
	// maxBrackets is PHP's max_input_nesting_level: PHP drops a deeper variable.
	maxBrackets = 64
)

// Refs distinguishes a typed reference from a text. It is called for each JSON string that is a
// value. If ok is true, the returned text, "$result[name][0][ID]", is sent instead of s; otherwise
// s is a plain text. An error refuses the command.
type Refs func(s string) (text string, ok bool, err error)

// Encode returns params, a JSON object, as "a[b]=1&c[0]=2". The order of members is kept, and
// numbers keep their text. A list is encoded as the arguments of a positional method:
// "0=12&1[a]=b". Empty parameters give "". A nil refs means that no value is a reference.
//
// What a query string cannot carry, or the portal would change, is refused with an [*Error];
// nothing is omitted or altered.
func Encode(params []byte, refs Refs) (string, error) {
	e := &encoder{
		// The decoder reads a Buffer in place. Names are compared here, because the decoder's check
		// costs a map per object.
		dec:  jsontext.NewDecoder(bytes.NewBuffer(params), jsontext.AllowDuplicateNames(true)),
		refs: refs,
		out:  make([]byte, 0, 2*len(params)),
		name: make([]byte, 0, 64),
		keys: make([]span, 0, 32),
	}
	if err := e.parameters(); err != nil {
		return "", err
	}
	return string(e.out), nil
}

type encoder struct {
	dec       *jsontext.Decoder
	refs      Refs
	out       []byte
	name      []byte // name of the current variable: "fields[PHONE]"
	unquoted  []byte // the last string that had escapes
	keys      []span // of the open objects
	variables int
}

// span is a range of out.
type span struct{ from, to int }

func (e *encoder) parameters() error {
	if err := e.top(); err != nil {
		return err
	}
	if _, err := e.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return &Error{Reason: Syntax, Problem: "something follows the parameters"}
	}
	return nil
}

func (e *encoder) top() error {
	switch e.dec.PeekKind() {
	case jsontext.KindBeginObject:
		return e.object()
	case jsontext.KindBeginArray:
		return e.list()
	default:
		return &Error{Reason: Syntax, Problem: "parameters must be a JSON object or list"}
	}
}

func (e *encoder) value() error {
	switch e.dec.PeekKind() {
	case jsontext.KindBeginObject:
		return e.object()
	case jsontext.KindBeginArray:
		return e.list()
	default:
		return e.scalar()
	}
}

func (e *encoder) scalar() error {
	raw, err := e.dec.ReadValue()
	if err != nil {
		return e.syntax(err)
	}
	switch raw.Kind() {
	case jsontext.KindNull:
		return e.refuse(Null, `is null, which a query string cannot say: leave it out, or call the method alone`)
	case jsontext.KindTrue, jsontext.KindFalse:
		return e.refuse(Bool, "is "+string(raw)+`, which a query string cannot say: write b24.Bool, "Y" or "N", or 1 or 0, as the method takes it`)
	case jsontext.KindString:
		return e.text(raw)
	default:
		return e.variable(raw)
	}
}

func (e *encoder) text(raw []byte) error {
	s, err := e.unquote(raw)
	if err != nil {
		return e.syntax(err)
	}
	if e.refs != nil {
		switch ref, ok, err := e.refs(string(s)); {
		case err != nil:
			return &Error{Path: e.path(e.dec.StackPointer()), Reason: BadReference, Problem: err.Error(), Err: err}
		case ok:
			return e.reference([]byte(ref))
		}
	}
	if mentionsResult(s) {
		return e.refuse(Reference, "holds a text that the portal would take for a reference to a result")
	}
	return e.variable(s)
}

func (e *encoder) reference(ref []byte) error {
	if !wholeReference(ref) {
		return e.refuse(BadReference, "is not a reference that the portal would resolve as a whole")
	}
	return e.variable(ref)
}

// variable writes the variable e.name with its value.
func (e *encoder) variable(value []byte) error {
	if e.variables++; e.variables > maxVariables {
		return e.refuse(TooMany, fmt.Sprintf("is variable %d, PHP drops those beyond its limit", e.variables))
	}
	e.out = slices.Grow(e.out, len(e.name)+len(value)+len("&="))
	if len(e.out) > 0 {
		e.out = append(e.out, '&')
	}
	e.out = append(e.out, e.name...)
	e.out = append(e.out, '=')
	e.out = appendEscaped(e.out, value)
	return nil
}

func (e *encoder) object() error {
	empty, err := e.open()
	if err != nil {
		return err
	}
	if empty && !e.atTop() {
		return e.refuse(EmptyObject, "is an empty object, which a query string cannot express")
	}
	first := len(e.keys)
	for e.dec.PeekKind() == jsontext.KindString {
		if err := e.member(first); err != nil {
			return err
		}
	}
	e.keys = e.keys[:first]
	return e.bracket()
}

// member writes a member of the object whose keys begin at first.
func (e *encoder) member(first int) error {
	raw, err := e.dec.ReadValue()
	if err != nil {
		return e.syntax(err)
	}
	key, err := e.unquote(raw)
	if err != nil {
		return e.syntax(err)
	}
	if problem := e.keyProblem(key); problem != "" {
		return e.refuse(Key, problem)
	}
	outer := len(e.name)
	e.push(key)
	if !e.remember(e.name[outer:], first) {
		return e.refuse(Duplicate, "occurs twice, PHP would merge the two")
	}
	err = e.value()
	e.name = e.name[:outer]
	return err
}

// remember reports whether key is new to the object whose keys begin at first.
func (e *encoder) remember(key []byte, first int) bool {
	for _, known := range e.keys[first:] {
		if bytes.Equal(e.out[known.from:known.to], key) {
			return false
		}
	}
	// Whatever the value is, the name of the next variable contains the key: empty values are
	// refused.
	from := len(e.out) + len(e.name) - len(key)
	if len(e.out) > 0 {
		from += len("&")
	}
	e.keys = append(e.keys, span{from, from + len(key)})
	return true
}

func (e *encoder) list() error {
	empty, err := e.open()
	if err != nil {
		return err
	}
	if empty && !e.atTop() {
		return e.refuse(EmptyList, `is an empty list, which a query string cannot say: leave it out, or call the method alone`)
	}
	outer := len(e.name)
	var index [20]byte
	for i := int64(0); e.dec.PeekKind() != jsontext.KindEndArray; i++ {
		e.push(strconv.AppendInt(index[:0], i, 10))
		if err := e.value(); err != nil {
			return err
		}
		e.name = e.name[:outer]
	}
	return e.bracket()
}

// open reads the start of an object or list and reports whether it is empty.
func (e *encoder) open() (empty bool, err error) {
	if err := e.bracket(); err != nil {
		return false, err
	}
	if e.dec.StackDepth()-1 > maxBrackets {
		return false, e.refuse(Depth, "is nested too deep, PHP drops what is within")
	}
	kind := e.dec.PeekKind()
	return kind == jsontext.KindEndObject || kind == jsontext.KindEndArray, nil
}

// bracket reads the start or end of an object or list.
func (e *encoder) bracket() error {
	if _, err := e.dec.ReadToken(); err != nil {
		return e.syntax(err)
	}
	return nil
}

func (e *encoder) atTop() bool { return e.dec.StackDepth() == 1 }

// push adds a key to the name of the variable.
func (e *encoder) push(key []byte) {
	if e.atTop() {
		e.name = appendEscaped(e.name, key)
		return
	}
	e.name = append(e.name, '[')
	e.name = appendEscaped(e.name, key)
	e.name = append(e.name, ']')
}

// unquote returns the text of a JSON string, valid until the next read.
func (e *encoder) unquote(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	var err error
	e.unquoted, err = jsontext.AppendUnquote(e.unquoted[:0], raw)
	return e.unquoted, err
}
