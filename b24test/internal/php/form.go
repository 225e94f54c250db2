package php

import (
	"io"
	"mime/multipart"
	"net/url"
	"strings"
)

// maxInputVars is PHP's limit of variables in one query string or form; further ones are silently
// dropped.
const maxInputVars = 1000

// maxNesting is PHP's limit of brackets in one name; deeper variables are dropped.
const maxNesting = 64

// ParseQuery reads a query string or form body as PHP's parse_str does.
func ParseQuery(s string) *Array {
	a := NewArray()
	n := 0
	for pair := range strings.SplitSeq(s, "&") {
		if pair == "" {
			continue
		}
		if n++; n > maxInputVars {
			break
		}
		name, value, _ := strings.Cut(pair, "=")
		setVar(a, unescape(name), unescape(value))
	}
	return a
}

// ParseMultipart reads the variables of a multipart form as PHP does. Files are left out, and so is
// everything from the first malformed part on.
func ParseMultipart(body []byte, boundary string) *Array {
	a := NewArray()
	mr := multipart.NewReader(strings.NewReader(string(body)), boundary)
	for {
		part, err := mr.NextPart()
		if err != nil {
			return a
		}
		value, err := io.ReadAll(part)
		if err == nil && part.FileName() == "" {
			setVar(a, part.FormName(), string(value))
		}
	}
}

// SplitURL splits a path with a query string as PHP's parse_url does: the path before the first
// question mark, the query after it, without anything from # on. What looks like a scheme or a host
// is removed from the path, and control characters become underscores.
func SplitURL(s string) (path, query string) {
	s, _, _ = strings.Cut(s, "#")
	path, query, _ = strings.Cut(s, "?")
	if strings.Contains(path, ":") || strings.HasPrefix(path, "//") {
		path = ""
	}
	return strings.Map(noControl, path), strings.Map(noControl, query)
}

func noControl(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '_'
	}
	return r
}

// unescape decodes what can be decoded and leaves the rest unchanged, as urldecode does.
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

// setVar stores one variable at the position that its name describes: a[b][]=v.
func setVar(a *Array, name, value string) {
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
			inner = NewArray()
			put(a, key, inner)
		}
		a = inner
	}
}

// put sets a key; the empty one (from a[]) appends.
func put(a *Array, key varKey, v any) {
	if key.appends {
		a.Add(v)
		return
	}
	a.Set(key.name, v)
}

func child(a *Array, key varKey) (*Array, bool) {
	if key.appends {
		return nil, false
	}
	v, ok := a.Get(key.name)
	if !ok {
		return nil, false
	}
	inner, ok := v.(*Array)
	return inner, ok
}

type varKey struct {
	name    string
	appends bool
}

// varPath splits a[b][] as PHP does: dots and spaces of the first name become underscores, and so
// does an unclosed bracket; what follows a closing bracket is lost unless it opens another. False
// means that PHP drops the variable.
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
