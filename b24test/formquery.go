package b24test

import (
	"net/url"
	"strings"
)

// maxInputVars is PHP's limit of variables in one query string or form; further ones are dropped without a word.
const maxInputVars = 1000

// maxNesting is PHP's limit of brackets in one name; deeper variables are dropped.
const maxNesting = 64

// parseQuery reads a query string or form body as PHP's parse_str does.
func parseQuery(s string) *array {
	a := newArray()
	n := 0
	for pair := range strings.SplitSeq(s, "&") {
		if pair == "" {
			continue
		}
		if n++; n > maxInputVars {
			break
		}
		name, value, _ := strings.Cut(pair, "=")
		registerVar(a, unescape(name), unescape(value))
	}
	return a
}

// unescape decodes what can be decoded and leaves the rest as it is, as urldecode does.
func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if u, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(u)
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// registerVar puts one variable where its name says: a[b][]=v.
func registerVar(a *array, name, value string) {
	path, ok := varPath(name)
	if !ok {
		return
	}
	for i, key := range path {
		if i == len(path)-1 {
			put(a, key, value)
			return
		}
		inner, ok := child(a, key)
		if !ok {
			inner = newArray()
			put(a, key, inner)
		}
		a = inner
	}
}

// put sets a key; the empty one (from a[]) appends.
func put(a *array, key varKey, v any) {
	if key.appends {
		a.add(v)
		return
	}
	a.set(key.name, v)
}

func child(a *array, key varKey) (*array, bool) {
	if key.appends {
		return nil, false
	}
	v, ok := a.get(key.name)
	if !ok {
		return nil, false
	}
	inner, ok := v.(*array)
	return inner, ok
}

type varKey struct {
	name    string
	appends bool
}

// varPath takes a[b][] apart as PHP does: dots and spaces of the first name become underscores, a bracket nobody closes too,
// and what follows a closing bracket is lost unless it opens another. False means that PHP drops the variable.
func varPath(name string) ([]varKey, bool) {
	name = strings.TrimLeft(name, " ")
	if i := strings.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	top, rest, nested := strings.Cut(name, "[")
	if nested && !strings.Contains(rest, "]") {
		top, nested = name, false
	}
	top = strings.NewReplacer(" ", "_", ".", "_", "[", "_").Replace(top)
	if top == "" {
		return nil, false
	}
	path := []varKey{{name: top}}
	for nested {
		inner, tail, closed := strings.Cut(rest, "]")
		if !closed {
			break
		}
		if len(path) > maxNesting {
			return nil, false
		}
		path = append(path, varKey{name: inner, appends: strings.TrimSpace(inner) == ""})
		rest, nested = strings.CutPrefix(tail, "[")
	}
	return path, true
}
