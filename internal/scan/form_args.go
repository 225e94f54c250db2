package scan

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// args are the caller's parameters in their order.
type args []arg

type arg struct {
	name          string
	quoted, value []byte
}

// parseArgs splits the parameters of a call.
func parseArgs(params []byte) (args, *flaw) {
	text, bad := compact(params)
	if bad != nil || len(text) == 0 {
		return nil, bad
	}
	var list args
	if !jsonwalk.Members(text, func(quoted, value []byte) bool {
		list = append(list, arg{unquote(quoted), quoted, value})
		return true
	}) {
		return nil, &flaw{reason: ErrParams, detail: "they are no JSON object"}
	}
	return list, nil
}

// compact returns a copy of the parameters without white space.
func compact(params []byte) ([]byte, *flaw) {
	if len(bytes.TrimSpace(params)) == 0 {
		return nil, nil
	}
	text := jsontext.Value(bytes.Clone(params))
	if err := text.Compact(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, &flaw{reason: ErrParams, detail: "they are no JSON"}
	}
	return text, nil
}

// take removes the parameter called name, in any letter case, and returns it; if there is none, its
// value is nil. Two spellings of one name are refused: which of them the portal uses is unknown.
func (a *args) take(name string) (arg, *flaw) {
	found := arg{name: name, quoted: quote(name)}
	var rest args
	for _, m := range *a {
		switch {
		case !strings.EqualFold(m.name, name):
			rest = append(rest, m)
		case found.value != nil:
			return arg{}, &flaw{reason: ErrParams, detail: "there is more than one " + name + ": " + found.name + " and " + m.name}
		default:
			found = m
		}
	}
	*a = rest
	return found, nil
}

// has reports whether a parameter is called name, in any letter case.
func (a *args) has(name string) bool {
	return slices.ContainsFunc(*a, func(m arg) bool { return strings.EqualFold(m.name, name) })
}

// without returns the parameters except number i; if i is negative, all of them.
func (a *args) without(i int) *args {
	if i < 0 {
		return a
	}
	rest := slices.Concat((*a)[:i], (*a)[i+1:])
	return &rest
}

// taken is take, but leaves the parameters as they are.
func (a *args) taken(name string) (arg, *flaw) {
	own := append(args{}, *a...)
	return own.take(name)
}

// members writes the parameters, each followed by a comma.
func (a *args) members() (dst []byte) {
	for _, m := range *a {
		dst = appendMember(dst, m.quoted, m.value)
	}
	return dst
}

// appendMember writes a member and a comma.
func appendMember(dst, quoted, value []byte) []byte {
	dst = append(dst, quoted...)
	dst = append(dst, ':')
	dst = append(dst, value...)
	return append(dst, ',')
}

// shut replaces the comma after the last member with the closing bracket.
func shut(dst []byte, bracket byte) []byte {
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, bracket)
}

func quote(name string) []byte {
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return []byte(`""`)
	}
	return quoted
}

// nothing reports whether a value means the same as an absent one: null, or an empty array, which
// PHP may write as {}.
func nothing(value []byte) bool {
	return value == nil || string(value) == "null" || string(value) == "[]" || string(value) == "{}"
}

// plain returns the text of a string, or any other value unchanged.
func plain(value []byte) string {
	if len(value) > 1 && value[0] == '"' {
		return unquote(value)
	}
	return string(value)
}
