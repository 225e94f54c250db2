package scan

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// layout is where the rows of a page are and what identifies them. What is unknown before the first
// page is learned from it.
type layout struct {
	// container is the member of the result that holds the rows; empty means the result itself.
	container string
	// proved means that the container has held rows: an answer without it is not an empty page.
	proved bool
	// loose means that the container is a guess.
	loose bool
	shape Shape
	// id is the id field; empty if the rows are not identified by one.
	id string
	// keys are fields that together identify a row, if there is no id.
	keys []string
	// numbers means that the ids must be integers.
	numbers bool
	// exact means that id has the spelling of the rows.
	exact bool
}

// rowSet is a parsed page. Its rows are views of the answer.
type rowSet struct {
	rows   []json.RawMessage
	ids    []uint64
	result []byte // the result that holds the rows
}

// once drops each row that repeats the previous one: a portal that joins another table returns a
// row for each match there.
func (set *rowSet) once() {
	kept := 0
	for i, id := range set.ids {
		if i > 0 && id == set.ids[i-1] && bytes.Equal(set.rows[i], set.rows[i-1]) {
			continue
		}
		set.rows[kept], set.ids[kept] = set.rows[i], id
		kept++
	}
	set.rows, set.ids = set.rows[:kept], set.ids[:kept]
}

// flaw is what is wrong with options, parameters or an answer.
type flaw struct {
	reason Reason
	detail string
	param  string // the parameter, for a caller who made no list; empty if detail names it
}

// text returns the detail, with the parameter it is about.
func (f *flaw) text() string {
	if f.param == "" {
		return f.detail
	}
	return f.param + ": " + f.detail
}

// parse splits the result of one call into rows. A nil flaw means that every row was found and, if
// the layout names an id, that every row has one.
func (l *layout) parse(result []byte) (rowSet, *flaw) {
	value, bad := l.locate(result)
	if bad != nil {
		return rowSet{}, bad
	}
	set := rowSet{result: result}
	add := func(row []byte) bool {
		set.rows = append(set.rows, row)
		return true
	}
	whole := false
	switch jsonwalk.At(value, 0) {
	case '[':
		set.rows = make([]json.RawMessage, 0, guessRows(value))
		whole = jsonwalk.Elements(value, add)
	case '{':
		whole = jsonwalk.Members(value, func(_, row []byte) bool { return add(row) })
	}
	if !whole {
		return rowSet{}, &flaw{reason: ErrUnreadable, detail: "the rows are cut off"}
	}
	l.proved = l.proved || l.container != "" && len(set.rows) > 0
	return set, l.identify(&set)
}

// guessRows estimates the rows of a page, so that the slice need not grow.
func guessRows(value []byte) int {
	const shortRow, page = 16, 50
	return min(len(value)/shortRow, page)
}

// locate finds the value that holds the rows.
func (l *layout) locate(result []byte) ([]byte, *flaw) {
	result = bytes.TrimSpace(result)
	switch {
	case len(result) == 0:
		return nil, &flaw{reason: ErrRows, detail: "the answer has no result"}
	case emptyArray(result) && !l.proved:
		return result, nil // PHP also writes an empty object like this (docs/protocol.md 3.5)
	case result[0] == '[' && (l.container == "" || l.loose):
		l.container, l.loose = "", false
		return result, nil
	case result[0] != '{':
		return nil, &flaw{reason: ErrRows, detail: "the result is " + kindOf(result) + ", rows were expected" + l.under()}
	case l.container == "" && !l.loose && l.shape == ShapeMap:
		return result, nil
	default:
		return l.member(result)
	}
}

func emptyArray(b []byte) bool {
	i := jsonwalk.Space(b, 1)
	return b[0] == '[' && jsonwalk.At(b, i) == ']'
}

func emptyObject(b []byte) bool {
	i := jsonwalk.Space(b, 1)
	return b[0] == '{' && jsonwalk.At(b, i) == '}'
}

// under describes where rows were expected.
func (l *layout) under() string {
	if l.container == "" {
		return ""
	}
	return " under " + l.container
}

// member finds the container in the result, or the only member that can be one.
func (l *layout) member(result []byte) ([]byte, *flaw) {
	var named, only []byte
	var names, lists []string
	whole := jsonwalk.Members(result, func(quoted, value []byte) bool {
		name := unquote(quoted)
		names = append(names, name)
		if name == l.container {
			named = value
		}
		if value[0] == '[' {
			lists = append(lists, name)
			only = value
		}
		return true
	})
	switch {
	case !whole:
		return nil, &flaw{reason: ErrUnreadable, detail: "the result is cut off"}
	case named != nil && emptyObject(named) && (!l.loose || len(lists) == 0):
		return named, nil // no rows, in any notation
	case named != nil:
		l.loose = false
		return l.rowsValue(l.container, named)
	case l.loose && len(lists) == 1:
		l.container, l.loose = lists[0], false
		return only, nil
	default:
		return nil, &flaw{reason: ErrRows, detail: "no rows" + l.under() + " among the members " + strings.Join(names, ", ")}
	}
}

// rowsValue checks that a container can hold rows: a list, or an object whose members are the rows.
func (l *layout) rowsValue(name string, value []byte) ([]byte, *flaw) {
	if value[0] == '[' || value[0] == '{' && l.shape == ShapeMap {
		return value, nil
	}
	return nil, &flaw{reason: ErrRows, detail: name + " is " + kindOf(value) + ", a list of rows was expected"}
}

// kindOf describes a JSON value without revealing it.
func kindOf(value []byte) string {
	switch jsonwalk.At(value, 0) {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 'n':
		return "null"
	default:
		return "a plain value"
	}
}

// identify finds the id of each row.
func (l *layout) identify(set *rowSet) *flaw {
	if !l.numbers || len(set.rows) == 0 {
		return nil
	}
	if !l.exact {
		if bad := l.spell(set.rows[0]); bad != nil {
			return bad
		}
	}
	set.ids = make([]uint64, len(set.rows))
	for i, row := range set.rows {
		id, kind := idOf(row, l.id)
		if kind != idFine {
			return flawOf(kind, l.id, i)
		}
		set.ids[i] = id
	}
	return nil
}

func flawOf(kind idKind, key string, row int) *flaw {
	where := " in row " + itoa(row+1) + " of the page"
	switch kind {
	case idText:
		return &flaw{reason: ErrBadID, detail: key + " is no whole number" + where}
	case idRange:
		return &flaw{reason: ErrBadID, detail: key + " is below 0 or beyond 64 bits" + where}
	default:
		return &flaw{reason: ErrNoID, detail: "no " + key + where}
	}
}

// spell learns how rows spell the id: the letter case differs between methods, and a row may hold
// both spellings.
func (l *layout) spell(row []byte) *flaw {
	var alike []string
	exact := false
	whole := jsonwalk.Members(row, func(quoted, _ []byte) bool {
		name := unquote(quoted)
		exact = exact || name == l.id
		if strings.EqualFold(name, l.id) {
			alike = append(alike, name)
		}
		return true
	})
	switch {
	case !whole:
		return &flaw{reason: ErrNoID, detail: "a row is " + kindOf(row) + ", it has no " + l.id}
	case exact:
	case len(alike) == 1:
		l.id = alike[0]
	case len(alike) > 1:
		return &flaw{reason: ErrNoID, detail: "a row spells " + l.id + " in several ways: " + strings.Join(alike, ", ")}
	default:
		return &flaw{reason: ErrNoID, detail: "no " + l.id + " in row 1 of the page"}
	}
	l.exact = true
	return nil
}

// idOf reads the id of a row.
func idOf(row []byte, key string) (uint64, idKind) {
	var id uint64
	kind := idAbsent
	jsonwalk.Members(row, func(quoted, value []byte) bool {
		if !named(quoted, key) {
			return true
		}
		id, kind = parseID(value)
		return false
	})
	return id, kind
}

// named reports whether a quoted name is key.
func named(quoted []byte, key string) bool {
	if len(quoted) == len(key)+2 {
		return string(quoted[1:len(quoted)-1]) == key
	}
	return bytes.IndexByte(quoted, '\\') >= 0 && unquote(quoted) == key
}

// unquote returns the text of a quoted name.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return string(inner)
	}
	return string(text)
}

// memberAt returns the value at a path of names separated by dots, or nil.
func memberAt(value []byte, path string) []byte {
	for name := range strings.SplitSeq(path, ".") {
		var found []byte
		jsonwalk.Members(value, func(quoted, inner []byte) bool {
			if named(quoted, name) {
				found = inner
			}
			return found == nil
		})
		value = found
	}
	return value
}
