package phpquery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// node is a value as PHP holds it: a text, null or an array, which is an
// ordered map. Numbers are their text; null, true and false are nothing a query string says.
type node struct {
	text  string
	null  bool
	array bool
	keys  []string
	elems map[string]*node
	next  int // the index that [] appends at
}

func newArray() *node { return &node{array: true, elems: map[string]*node{}} }

// set keeps the place of a key that is there already, as PHP does.
func (n *node) set(key string, v *node) {
	if _, ok := n.elems[key]; !ok {
		n.keys = append(n.keys, key)
	}
	n.elems[key] = v
	if i, err := strconv.Atoi(key); err == nil && strconv.Itoa(i) == key {
		n.next = max(n.next, i+1)
	}
}

func (n *node) equal(m *node) bool {
	if n.text != m.text || n.null != m.null || n.array != m.array || !slices.Equal(n.keys, m.keys) {
		return false
	}
	for _, key := range n.keys {
		if !n.elems[key].equal(m.elems[key]) {
			return false
		}
	}
	return true
}

// leaves calls f for each value that is no array, with the keys that lead to it.
func (n *node) leaves(keys []string, f func(keys []string, v *node)) {
	if !n.array {
		f(keys, n)
		return
	}
	for _, key := range n.keys {
		n.elems[key].leaves(append(slices.Clip(keys), key), f)
	}
}

// MarshalJSON makes the difference of two nodes readable.
func (n *node) MarshalJSON() ([]byte, error) {
	if n.null {
		return []byte("null"), nil
	}
	if !n.array {
		return json.Marshal(n.text)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range n.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(n.elems[key])
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (n *node) String() string {
	b, err := json.Marshal(n)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

var errTwice = errors.New("a name stands twice")

// parseJSON reads one JSON text into a node; a name that stands twice is errTwice.
func parseJSON(doc []byte) (*node, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	n, err := readNode(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return n, nil
}

func readNode(dec *json.Decoder) (*node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '{' {
			return readObject(dec)
		}
		return readList(dec)
	case string:
		return &node{text: v}, nil
	case json.Number:
		return &node{text: v.String()}, nil
	case bool:
		return &node{null: true}, nil
	default:
		return &node{null: true}, nil
	}
}

func readList(dec *json.Decoder) (*node, error) {
	n := newArray()
	for dec.More() {
		v, err := readNode(dec)
		if err != nil {
			return nil, err
		}
		n.set(strconv.Itoa(n.next), v)
	}
	_, err := dec.Token()
	return n, err
}

func readObject(dec *json.Decoder) (*node, error) {
	n := newArray()
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := tok.(string)
		v, err := readNode(dec)
		if err != nil {
			return nil, err
		}
		if _, twice := n.elems[key]; twice {
			return nil, errTwice
		}
		n.set(key, v)
	}
	_, err := dec.Token()
	return n, err
}

// parseStr is php_default_treat_data and php_register_variable_ex of PHP 8
// (main/php_variables.c) once more, checked against PHP by TestParseStr.
func parseStr(query string) *node {
	const maxInputVars = 1000
	result, count := newArray(), 0
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		if count++; count > maxInputVars {
			break
		}
		name, value, _ := strings.Cut(pair, "=")
		register(result, urlDecode(name), urlDecode(value))
	}
	return result
}

func urlDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '+' {
			b.WriteByte(' ')
			continue
		}
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// register stores one variable. The name is a C string: it ends at a zero byte.
func register(array *node, name, value string) {
	name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "\x00")
	top, brackets, nested := strings.Cut(name, "[")
	top = strings.NewReplacer(" ", "_", ".", "_").Replace(top)
	if top == "" {
		return
	}
	if nested && !strings.Contains(brackets, "]") {
		// No bracket closes: the whole is one name.
		top, nested = strings.NewReplacer(" ", "_", ".", "_", "[", "_").Replace(name), false
	}
	keys := []string{top}
	const appends = "\x00" // cannot be part of a name
	for level := 1; nested; level++ {
		if level > 64 {
			array.drop(top)
			return
		}
		if inner, ok := strings.CutPrefix(skipBlank(brackets), "]"); ok {
			keys, brackets = append(keys, appends), inner
		} else {
			i := strings.IndexByte(brackets, ']')
			if i < 0 {
				break
			}
			keys, brackets = append(keys, brackets[:i]), brackets[i+1:]
		}
		brackets, nested = strings.CutPrefix(brackets, "[")
	}
	for i, key := range keys {
		if forbidden(key, name) {
			return
		}
		if key == appends {
			key = strconv.Itoa(array.next)
		}
		if i == len(keys)-1 {
			array.set(key, &node{text: value})
			return
		}
		inner := array.elems[key]
		if inner == nil || !inner.array {
			inner = newArray()
			array.set(key, inner)
		}
		array = inner
	}
}

func forbidden(key, name string) bool {
	return strings.HasPrefix(key, "__Host-") && !strings.HasPrefix(name, "__Host-") ||
		strings.HasPrefix(key, "__Secure-") && !strings.HasPrefix(name, "__Secure-")
}

// skipBlank skips one character of isspace.
func skipBlank(s string) string {
	if s != "" && strings.Contains(" \t\n\v\f\r", s[:1]) {
		return s[1:]
	}
	return s
}

// drop deletes a variable that was nested too deep, with all of its top-level name.
func (n *node) drop(key string) {
	delete(n.elems, key)
	n.keys = slices.DeleteFunc(n.keys, func(k string) bool { return k == key })
}
