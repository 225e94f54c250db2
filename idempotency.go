package b24

import "strings"

// identify gives a write of REST 3.0 its Idempotency-Key, under which it may be
// repeated where its answer was lost. One that the caller asked not to repeat has it
// too, for it says which call it was.
func (c *client) identify(q *query, o *callOptions) error {
	switch {
	case o.hasKey && !q.dialect.heedsKeys():
		return &ParamsError{Method: q.method, Param: "idempotency key", Problem: "only REST 3.0 heeds one"}
	case o.hasKey && !validKey(o.key):
		return badKey(q.method)
	case o.hasKey && c.secrets.InName(o.key):
		return &ParamsError{Method: q.method, Param: "idempotency key", Problem: wouldShow}
	case o.hasKey:
		q.key = o.key
	case q.dialect.keyed(q.method):
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
