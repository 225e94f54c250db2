package proof_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24"
)

// said is what a value of a caller says: a text, or members in an order that has a meaning or none.
type said struct {
	text    string
	members []member
	ordered bool
	is      saidKind
	command int // whose id is referred to
}

type member struct {
	name string
	said said
}

type saidKind int

const (
	saidText saidKind = iota
	saidNumber
	saidBool
	saidNull
	saidObject
	saidList
	saidID // of an earlier command of the same batch
)

// writer makes random values of Go, and what they say.
type writer struct {
	rng *rand.Rand
	// refs are the references that a value may be, by the command whose id they are.
	refs map[int][]b24.Ref
	bad  string // why the last command must not be executed: a text that is none, too deep, a map where order has a meaning
	mute string // what a query string cannot say
}

func (w *writer) one(n int) bool { return w.rng.IntN(n) == 0 }

func oneOf[T any](w *writer, list ...T) T { return list[w.rng.IntN(len(list))] }

// scalar is a text, a number, or what stands for one.
func (w *writer) scalar() (any, said) {
	switch w.rng.IntN(12) {
	case 0:
		n := w.rng.IntN(1_000_000) - 1000
		return n, said{text: strconv.Itoa(n), is: saidNumber}
	case 1:
		id := b24.ID(strconv.Itoa(w.rng.IntN(99999)))
		return id, said{text: id.String(), is: saidNumber}
	case 2:
		v := w.one(2)
		w.mute = "a bool"
		return v, said{text: strconv.FormatBool(v), is: saidBool}
	case 3:
		return b24.Bool(true), said{text: "Y"}
	case 4:
		w.mute = "null"
		return nil, said{is: saidNull}
	case 5:
		text := w.text()
		return json.RawMessage(quoted(text)), said{text: text}
	default:
		text := w.text()
		return oneOf[any](w, text, named(text), &text, loud(text)), said{text: text}
	}
}

type (
	named string
	loud  string
)

func (l loud) MarshalText() ([]byte, error) { return []byte(l), nil }

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x00", `\u0000`).Replace(text) + `"`
}

func (w *writer) text() string {
	if w.one(60) {
		w.bad = "no UTF-8"
		return "caf" + oneOf(w, "\xe9", "\xd0", "\xff\xfe", "\xed\xa0\x80", "\xc0\xaf")
	}
	return oneOf(w, "", " ", "Paint", "Привет", "a&b=c", "100%", "a[b]", "+7 900", "line\nline", `"quoted" \ back`, "�", "0", "é", "# ; ?", "😀",
		"true", "null", "a\x00b")
}

// value is a scalar, or holds others.
func (w *writer) value(depth int) (any, said) {
	for _, command := range slices.Sorted(maps.Keys(w.refs)) {
		if w.one(8) {
			return oneOf(w, w.refs[command]...), said{is: saidID, command: command}
		}
	}
	if depth == 0 || w.one(2) {
		return w.scalar()
	}
	if w.one(200) {
		w.bad = "too deep"
		return deep(oneOf(w, 513, 520, 700)), said{}
	}
	if w.one(3) {
		return w.list(depth)
	}
	return w.object(depth)
}

func deep(levels int) any {
	var v any = 1
	for n := range levels {
		if n%2 == 0 {
			v = []any{v}
		} else {
			v = b24.Params{"k": v}
		}
	}
	return v
}

func (w *writer) list(depth int) (any, said) {
	all, s := []any{}, said{is: saidList, ordered: true}
	for n := range w.rng.IntN(4) {
		v, inner := w.value(depth - 1)
		all, s.members = append(all, v), append(s.members, member{strconv.Itoa(n), inner})
	}
	if len(all) == 0 {
		w.mute = "an empty list"
	}
	return all, s
}

// object is members in one of the ways that Go has for them. A map under the name of an order has no order.
func (w *writer) object(depth int) (any, said) {
	s := said{is: saidObject}
	values := []any{}
	for range w.rng.IntN(5) {
		name := fmt.Sprintf("%s%d", oneOf(w, "F", "name", "_", "UF_", "b.c", "Ж"), len(values))
		if w.one(12) {
			name = oneOf(w, "order", "ORDER", "ELEMENT_ORDER", "Order") // twice is seen to below
		}
		if taken(s.members, name) {
			continue
		}
		v, inner := w.member(name, depth-1)
		values, s.members = append(values, v), append(s.members, member{name, inner})
	}
	return w.dressed(values, s)
}

func taken(all []member, name string) bool {
	for _, m := range all {
		if m.name == name {
			return true
		}
	}
	return false
}

func (w *writer) member(name string, depth int) (any, said) {
	if !strings.EqualFold(name, "order") && name != "ELEMENT_ORDER" {
		return w.value(depth)
	}
	values, s := []any{}, said{is: saidObject, ordered: true}
	for _, field := range w.rng.Perm(4)[:1+w.rng.IntN(3)] {
		values, s.members = append(values, oneOf[any](w, "ASC", "DESC")), append(s.members, member{fmt.Sprintf("FIELD%d", field), said{}})
		s.members[len(s.members)-1].said.text = values[len(values)-1].(string)
	}
	v, s := w.dressed(values, s)
	if reflect.TypeOf(v).Kind() == reflect.Map && len(values) > 1 {
		w.bad = "a map as an order"
	}
	return v, s
}

// dressed writes members as a map, as Ordered, as a struct, or as JSON.
func (w *writer) dressed(values []any, s said) (any, said) {
	if len(values) == 0 {
		w.mute = "an empty object"
	}
	switch w.rng.IntN(5) {
	case 0, 1:
		m := b24.Params{}
		for i, v := range values {
			m[s.members[i].name] = v
		}
		return oneOf[any](w, m, mapOf(m)), s
	case 2:
		s.ordered = true
		o := b24.Ordered{}
		for i, v := range values {
			o = append(o, b24.Pair{Key: s.members[i].name, Value: v})
		}
		return o, s
	case 3:
		s.ordered = true
		return structOf(values, s.members), s
	default:
		s.ordered = true
		if text, ok := textOf(values, s.members); ok {
			return json.RawMessage(text), s
		}
		return structOf(values, s.members), s
	}
}

type mapOf map[string]any

func structOf(values []any, members []member) any {
	fields := make([]reflect.StructField, 0, len(values))
	for i, m := range members {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[any](), Tag: reflect.StructTag(fmt.Sprintf(`json:"%s"`, m.name))})
	}
	v := reflect.New(reflect.StructOf(fields)).Elem()
	for i, value := range values {
		if value != nil {
			v.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return v.Interface()
}

// textOf is the members as JSON, where they are texts.
func textOf(values []any, members []member) (string, bool) {
	parts := []string{}
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return "", false
		}
		parts = append(parts, quoted(members[i].name)+":"+quoted(text))
	}
	return "{" + strings.Join(parts, ",") + "}", true
}
