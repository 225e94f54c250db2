// Package params encodes the parameters of a call as the body of its request. It implements
// docs/protocol.md 2.
package params

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/codec"
)

// Error names the parameter that cannot be sent. Its text never contains a value.
type Error struct {
	// Path is the path of the parameter: "fields.OPPORTUNITY"; empty for the whole.
	Path string
	// Problem is the reason, without the path.
	Problem string
	// Err is the underlying error, or nil.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Encode returns v as the body for a call of method: a JSON object or, for positional methods, also
// a list. Empty parameters become {}.
func Encode(method string, v any) ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	body, err := codec.Marshal(v)
	if err != nil {
		return nil, unencodable(err)
	}
	switch jsontext.Value(body).Kind() {
	case jsontext.KindNull:
		return []byte("{}"), nil
	case jsontext.KindBeginObject:
		return body, cmp.Or(checkText(body), checkNames(method, body))
	case jsontext.KindBeginArray:
		if Positional(method) {
			return body, checkText(body)
		}
		return nil, &Error{Problem: "a list of parameters is for the positional methods task.* only, give names to the parameters"}
	default:
		return nil, &Error{Problem: fmt.Sprintf("parameters must be an object, not %T", v)}
	}
}

// EncodeV3 returns v as the body for a call of REST 3.0: a JSON object. Empty parameters become {},
// because the portal fails on an empty body (docs/protocol.md 9.1).
func EncodeV3(v any) ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	body, err := codec.Marshal(v)
	if err != nil {
		return nil, unencodable(err)
	}
	switch jsontext.Value(body).Kind() {
	case jsontext.KindNull:
		return []byte("{}"), nil
	case jsontext.KindBeginObject:
	default:
		return nil, &Error{Problem: fmt.Sprintf("parameters must be an object, not %T", v)}
	}
	return body, cmp.Or(checkText(body), members(body, func(name string, _, _ []byte) error {
		if name == "auth" {
			return &Error{Path: name, Problem: "is a reserved name, the portal uses it for authorisation"}
		}
		return nil
	}))
}

// checkText rejects an unpaired surrogate, "\ud800", and invalid UTF-8 in a json.RawMessage: PHP
// does not accept such a body as JSON, and would call the method without parameters
// (docs/protocol.md 2.1). It does the same with a body that is nested too deeply. An escaped U+FFFD
// is what encoding/json, in a caller's MarshalJSON, makes of invalid UTF-8.
func checkText(body []byte) error {
	switch {
	case !utf8.Valid(body):
		return &Error{Problem: codec.ErrUTF8.Error(), Err: codec.ErrUTF8}
	case bytes.Contains(body, []byte(`\ufffd`)): // before Go 1.27; since then it writes the character itself, as callers may
		return &Error{Problem: codec.ErrUTF8.Error() + "; encoding/json had made U+FFFD of it", Err: codec.ErrUTF8}
	case bytes.Contains(body, []byte(`\u`)) && !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true)):
		return &Error{Problem: "a text contains half a character, an unpaired surrogate"}
	case deeper(body, maxDepth):
		return &Error{Problem: fmt.Sprintf("lists and objects are nested deeper than %d, PHP would drop all parameters", maxDepth)}
	default:
		return nil
	}
}

// maxDepth is PHP's nesting limit for json_decode.
const maxDepth = 512

// deeper reports whether lists and objects of a JSON text are nested deeper than most.
func deeper(body []byte, most int) bool {
	if len(body) <= 2*most {
		return false // each level has two brackets
	}
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '[', '{':
			if depth++; depth > most {
				return true
			}
		case ']', '}':
			depth--
		case '"':
			i = endOfText(body, i+1)
		}
	}
	return false
}

// endOfText returns the position of the quote that ends the string containing i.
func endOfText(body []byte, i int) int {
	for i < len(body) {
		n := bytes.IndexAny(body[i:], `"\`)
		if n < 0 {
			return len(body)
		}
		if i += n; body[i] == '"' {
			return i
		}
		i += 2 // an escape
	}
	return len(body)
}

// Positional reports whether the portal takes the arguments of method by their position
// (docs/protocol.md 2.3).
func Positional(method string) bool { return strings.HasPrefix(strings.ToLower(method), "task.") }

// ByPosition reports whether a method reads its arguments in the order of their arrival, whatever
// their names: this includes some methods whose addresses must not have parameters
// (docs/protocol.md 15).
func ByPosition(method string) bool {
	group, rest, _ := strings.Cut(strings.ToLower(method), ".")
	name, _, _ := strings.Cut(rest, ".")
	if group != "task" {
		return false
	}
	switch name {
	case "commentitem", "checklistitem", "elapseditem", "item", "items":
		return true
	default:
		return false
	}
}

// checkStart rejects a start that the portal would round down to a page already read
// (docs/protocol.md 5.1, trap 24).
func checkStart(method string, start int) error {
	size := pageSize(method)
	switch {
	case start == -1:
		return nil
	case start < -1:
		return &Error{Path: "start", Problem: strconv.Itoa(start) + " is below -1"}
	case start%size != 0:
		return &Error{Path: "start", Problem: fmt.Sprintf(
			"%d is not a multiple of %d, the portal would round it down to a page and repeat rows", start, size)}
	default:
		return nil
	}
}

// pageSize returns the rows per page, 50 for all methods but one (documentation page of
// crm.timeline.logmessage.list).
func pageSize(method string) int {
	if strings.EqualFold(method, "crm.timeline.logmessage.list") {
		return 10
	}
	return 50
}

// SetStart returns body with start, replacing an existing one.
func SetStart(body []byte, start int) ([]byte, error) {
	var rest bytes.Buffer
	rest.WriteByte('{')
	err := members(body, func(name string, member, _ []byte) error {
		if name == "start" {
			return nil
		}
		if rest.Len() > 1 {
			rest.WriteByte(',')
		}
		rest.Write(member)
		return nil
	})
	if err != nil {
		return nil, err
	}
	rest.WriteByte('}')
	const name = `{"start":`
	out := append(make([]byte, 0, rest.Len()+len(name)+8), name...)
	out = strconv.AppendInt(out, int64(start), 10)
	if rest.Len() > len("{}") {
		out = append(out, ',')
	}
	return append(out, rest.Bytes()[1:]...), nil
}

// checkNames rejects names that the portal removes or interprets before the method sees them
// (docs/protocol.md 2.1).
func checkNames(method string, body []byte) error {
	return members(body, func(name string, _, value []byte) error {
		if reserved(name) {
			return &Error{Path: name, Problem: "is a reserved name, the portal takes it away before the method sees it"}
		}
		if name != "start" {
			return nil
		}
		start, err := strconv.Atoi(strings.Trim(string(value), `"`))
		if err != nil {
			return &Error{Path: name, Problem: "is a reserved name that takes a whole number"}
		}
		return checkStart(method, start)
	})
}

// reserved excludes auth_connector: the portal removes it too, but uses it as the caller intends,
// as the connector of offline events (docs/protocol.md 11).
func reserved(name string) bool {
	switch name {
	case "auth", "access_token", "ap", "aplogin", "sessid", "state", "method", "token":
		return true
	default:
		return false
	}
}

// members calls f for each member of the compact JSON object, with its name, the member as written
// and the value alone.
func members(object []byte, f func(name string, member, value []byte) error) error {
	if jsontext.Value(object).Kind() != jsontext.KindBeginObject {
		return &Error{Path: "start", Problem: "a list of positional arguments has no place for it"}
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(object),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return unencodable(err)
	}
	for dec.PeekKind() == jsontext.KindString {
		from := dec.InputOffset()
		tok, err := dec.ReadToken()
		if err != nil {
			return unencodable(err)
		}
		name, colon := tok.String(), dec.InputOffset()
		if err := dec.SkipValue(); err != nil {
			return unencodable(err)
		}
		member := bytes.TrimPrefix(object[from:dec.InputOffset()], []byte(","))
		if err := f(name, member, object[colon+1:dec.InputOffset()]); err != nil {
			return err
		}
	}
	return nil
}

func unencodable(err error) error {
	if pe, ok := errors.AsType[*codec.PathError](err); ok {
		return &Error{Path: pe.Path, Problem: pe.Err.Error(), Err: pe.Err}
	}
	return &Error{Problem: err.Error(), Err: err}
}
