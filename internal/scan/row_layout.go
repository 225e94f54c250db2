package scan

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/jsonwalk"
)

// layout says where the rows of a page are and what tells them apart. What is
// not known before the first page is learned from it.
type layout struct {
	// container is the member of the result with the rows; empty: the result itself.
	container string
	// proved tells that rows were found in the container: an answer without it is no empty page.
	proved bool
	// loose tells that the container is a guess.
	loose bool
	shape Shape
	// id is the id field; empty: the rows are not told apart by one.
	id string
	// keys are fields that tell rows apart together, where there is no id.
	keys []string
	// numbers tells that the ids have to be whole numbers.
	numbers bool
	// exact tells that id is spelled as the rows spell it.
	exact bool
}

// rowSet is a page taken apart. Its rows are views of the answer.
type rowSet struct {
	rows   []json.RawMessage
	ids    []uint64
	result []byte // what they stand in
}

// once drops each row that is the row before it again: a portal that joins another table
// has a row for each match there.
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

// flaw is what is wrong with an answer, before it is known where it stands.
type flaw struct {
	reason Reason
	detail string
	param  string // which parameter, for a caller who made no list; empty: the detail says it
}

// text says what is wrong, with the parameter that it is about.
func (f *flaw) text() string {
	if f.param == "" {
		return f.detail
	}
	return f.param + ": " + f.detail
}

// parse takes the result of one call apart. A nil flaw means that each row was
// found and, if the layout names an id, that each has one.
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

// guessRows keeps the slice of a usual page from growing.
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
		return result, nil // PHP writes an empty object so too (docs/protocol.md 3.5)
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

// under tells where rows were expected.
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
		return named, nil // no rows, whatever they are written as
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

// kindOf names a JSON value without telling it.
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

// spell learns how rows spell the id: letter case differs from method to
// method, and a row may hold both spellings.
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

// unquote is the text of a quoted name.
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

// memberAt is the value at a path of names with dots between; nil without one.
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
