package b24

import (
	"errors"
	"strings"

	"github.com/b24go/b24/internal/methods"
	"github.com/b24go/b24/internal/params"
)

// api is an API version. What differs between them is in this file and in
// v3batch.go; the way of a call is one.
type api uint8

const (
	apiV2 api = iota
	apiV3
)

// encode returns v as the body of a call of method.
func (a api) encode(method string, v any) ([]byte, error) {
	encoded := params.Encode
	if a == apiV3 {
		encoded = func(_ string, v any) ([]byte, error) { return params.EncodeV3(v) }
	}
	body, err := encoded(method, v)
	if err == nil { // what has a JSON form is no value that contains itself
		err = unordered(method, v)
	}
	return body, err
}

// checkRef refuses a reference that the version does not know.
func (a api) checkRef(ref *reference) error {
	switch {
	case a == apiV3:
		ref.path = unwrapped(ref.path)
		return checkRefV3(ref)
	case ref.all:
		return errors.New("RefAll is for REST 3.0 only")
	default:
		return nil
	}
}

// reads reports whether method is known to change nothing.
func (a api) reads(method string) bool { return methods.Reads(method, a == apiV3) }

// budget is the name under which a method's operating time counts: each version
// counts its own (protocol.md 7.3).
func (a api) budget(method string) string {
	if a == apiV3 {
		return "v3 " + method
	}
	return method
}

// identify gives a write of REST 3.0 its Idempotency-Key, under which it may be
// repeated where its answer was lost. One that the caller asked not to repeat has it
// too, for it says which call it was.
func (c *client) identify(q *query, o *callOptions) error {
	switch {
	case o.hasKey && q.api != apiV3:
		return &ParamsError{Method: q.method, Param: "idempotency key", Problem: "only REST 3.0 heeds one"}
	case o.hasKey && !validKey(o.key):
		return badKey(q.method)
	case o.hasKey && c.secrets.InName(o.key):
		return &ParamsError{Method: q.method, Param: "idempotency key", Problem: wouldShow}
	case o.hasKey:
		q.key = o.key
	case q.api == apiV3 && !q.api.reads(q.method):
		q.key = c.ids.Next()
	}
	return nil
}

// validKey refuses blanks at the ends as well: HTTP takes them off, and what is left
// is another key, or none.
func validKey(key string) bool {
	return key != "" && len(key) <= longestKey && printable(key) && strings.TrimSpace(key) == key
}

func badKey(method string) error {
	return &ParamsError{
		Method: method, Param: "idempotency key",
		Problem: "it must be 1 to 255 printable ASCII characters, without blanks at the ends",
	}
}

// longestKey is the length of an Idempotency-Key (protocol.md 9.8).
const longestKey = 255
