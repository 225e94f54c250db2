// Package codec marshals and unmarshals JSON by the rules of encoding/json (struct tags, names
// matched without regard to case, duplicate names and invalid UTF-8 tolerated) at the speed of its
// successor.
package codec

import (
	stdjson "encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Marshal encodes v as encoding/json does, without escaping for HTML. An error that concerns a part
// of v is a [*PathError].
func Marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v, marshaling)
	if err == nil {
		return b, nil
	}
	if !leavesOut(err) {
		if b, again := json.Marshal(v, marshalingLoosely); again == nil {
			return b, nil
		}
	}
	return nil, pathError(err)
}

// leavesOut reports the errors about structs for which encoding/json omits fields. It ignores other
// errors, mostly about tags, and so can this package.
func leavesOut(err error) bool {
	return slices.ContainsFunc([]string{"unexported Go struct field", "no exported fields", "conflict over JSON object name"}, func(fault string) bool {
		return strings.Contains(err.Error(), fault)
	})
}

// Unmarshal decodes b into v as encoding/json does. A value of the wrong type is reported as
// [*encoding/json.UnmarshalTypeError].
func Unmarshal(b []byte, v any) error {
	opts, strict := unmarshaling, unmarshalingStrict
	if reachesNumber(reflect.TypeOf(v)) {
		opts, strict = unmarshalingNumbers, unmarshalingNumbersStrict
	}
	if json.Unmarshal(b, v, strict) == nil {
		return nil
	}
	if err := json.Unmarshal(b, v, opts); err != nil {
		return stdError(err)
	}
	return nil
}

// PathError names the part of a value that could not be encoded.
type PathError struct {
	// Path is the path of the part: "fields.OPPORTUNITY", "ids.3"; empty for the whole value.
	Path string
	// Err is the reason.
	Err error
}

// Error implements error.
func (e *PathError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *PathError) Unwrap() error { return e.Err }

// Options are created once, because the library caches type information in them.
//
//nolint:gochecknoglobals // constants that Go cannot write as such
var (
	marshaling = json.JoinOptions(
		jsonv1.DefaultOptionsV1(),
		// A portal is not a browser; ">ID" must stay unescaped.
		jsontext.EscapeForHTML(false),
		// encoding/json replaces invalid UTF-8 with U+FFFD, and the portal would store that.
		jsontext.AllowInvalidUTF8(false),
		// Otherwise an error would not report its place.
		jsonv1.ReportErrorsWithLegacySemantics(false),
		MarshalNumbers(),
	)
	marshalingLoosely   = json.JoinOptions(marshaling, jsonv1.ReportErrorsWithLegacySemantics(true))
	unmarshaling        = jsonv1.DefaultOptionsV1()
	unmarshalingNumbers = json.JoinOptions(unmarshaling, json.WithUnmarshalers(json.UnmarshalFromFunc(unmarshalNumber)))
	// encoding/json reads a text twice: to validate it and to decode it. What succeeds without
	// validation means the same; what fails is decoded again in encoding/json's way.
	unmarshalingStrict        = json.JoinOptions(unmarshaling, jsonv1.ReportErrorsWithLegacySemantics(false))
	unmarshalingNumbersStrict = json.JoinOptions(unmarshalingNumbers, jsonv1.ReportErrorsWithLegacySemantics(false))

	// numbered caches results for each reflect.Type; types do not change.
	numbered sync.Map
)

// ErrUTF8 is the reason for a text that is not valid UTF-8.
var ErrUTF8 = errors.New("a text is no valid UTF-8; convert it first, from the code page that it is in")

// pathError converts the library's error into one that names the place in the notation of callers.
func pathError(err error) error {
	var se *json.SemanticError
	semantic := errors.As(err, &se)
	if strings.Contains(err.Error(), "invalid UTF-8") { // the library has no error value for it
		var path jsontext.Pointer
		if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			path = syn.JSONPointer
		}
		if semantic {
			path = se.JSONPointer
		}
		return &PathError{Path: Dotted(path), Err: ErrUTF8}
	}
	if !semantic {
		if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return &PathError{Path: Dotted(syn.JSONPointer), Err: syn.Err}
		}
		return &PathError{Err: err}
	}
	return &PathError{Path: Dotted(se.JSONPointer), Err: reasonOf(se)}
}

func reasonOf(se *json.SemanticError) error {
	var inner *json.SemanticError
	switch {
	case se.Err == nil && se.GoType != nil:
		return errors.New("a Go value of type " + se.GoType.String() + " has no JSON form")
	case se.Err == nil:
		return errors.New("no JSON form")
	case errors.As(se.Err, &inner):
		return reasonOf(inner)
	default:
		return se.Err
	}
}

// Dotted writes a JSON pointer as names separated by dots, cut if a cyclic value makes it too long.
func Dotted(p jsontext.Pointer) string {
	const depth = 8
	var path string
	n := 0
	for token := range p.Tokens() {
		if n == depth {
			return path + "..."
		}
		if n > 0 {
			path += "."
		}
		path += token
		n++
	}
	return path
}

// stdError returns the error type that callers know from encoding/json.
func stdError(err error) error {
	var te *jsonv1.UnmarshalTypeError
	if !errors.As(err, &te) {
		return err
	}
	return &stdjson.UnmarshalTypeError{
		Value: te.Value, Type: te.Type, Offset: te.Offset, Struct: te.Struct, Field: te.Field,
	}
}

// foreignNumber reports whether the library knows only its own Number, to which encoding/json's is
// a string. If encoding/json is built on the library, as from Go 1.27 on, there is only one Number,
// and converting it would never end.
func foreignNumber() bool {
	return reflect.TypeFor[stdjson.Number]() != reflect.TypeFor[jsonv1.Number]()
}

// MarshalNumbers encodes encoding/json's Number as a number.
func MarshalNumbers() json.Options {
	if !foreignNumber() {
		return json.JoinOptions() // the library does this itself
	}
	return json.WithMarshalers(json.MarshalToFunc(marshalNumber))
}

func marshalNumber(enc *jsontext.Encoder, n stdjson.Number) error {
	return json.MarshalEncode(enc, jsonv1.Number(n))
}

func unmarshalNumber(dec *jsontext.Decoder, n *stdjson.Number) error {
	number := jsonv1.Number(*n)
	if err := json.UnmarshalDecode(dec, &number); err != nil {
		return err
	}
	*n = stdjson.Number(number)
	return nil
}

// reachesNumber reports whether decoding into t can reach an encoding/json.Number. Offering the
// conversion to every value of a page would be slow.
func reachesNumber(t reflect.Type) bool {
	known, ok := numbered.Load(t)
	if !ok {
		known, _ = numbered.LoadOrStore(t, foreignNumber() && holdsNumber(t, 0))
	}
	return known == true
}

func holdsNumber(t reflect.Type, depth int) bool {
	const deep = 8 // deeper types, including recursive ones, take the slower path
	if t == nil {
		return false
	}
	if depth > deep || t == reflect.TypeFor[stdjson.Number]() {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsNumber(t.Elem(), depth+1)
	case reflect.Struct:
		for field := range t.Fields() {
			if holdsNumber(field.Type, depth+1) {
				return true
			}
		}
		return false
	default:
		return false
	}
}
