package b24

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/b24go/b24/internal/door"
	"github.com/b24go/b24/internal/params"
	"github.com/b24go/b24/internal/redact"
)

// masks are the secrets of the clients that a call used, however they are wrapped. They mask texts
// that only code above the Client can mask, such as errors in the rows of List.
type masks struct {
	mu    sync.Mutex
	known []*redact.Secrets
}

// option returns the option with which clients report their secrets.
func (m *masks) option() CallOption {
	return callOption(func(o *callOptions) { o.masks = m })
}

// learn adds the secrets of one client. m may be nil.
func (m *masks) learn(s *redact.Secrets) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.known, s) {
		m.known = append(m.known, s)
	}
}

// all returns the known secrets, and nil, which masks whatever looks like a secret.
func (m *masks) all() []*redact.Secrets {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*redact.Secrets{nil}, m.known...)
}

// error returns err with secrets masked.
func (m *masks) error(err error) error {
	for _, s := range m.all() {
		err = s.Error(err)
	}
	return err
}

// text returns text with secrets masked.
func (m *masks) text(text string) string {
	for _, s := range m.all() {
		text = s.Text(text)
	}
	return text
}

// wouldShow is the problem of a name, an id or a key that would be printed.
const wouldShow = "it holds a webhook's secret"

// checkMethod refuses an invalid name of a method. The error does not repeat the name, which may be
// a whole address.
func (c *client) checkMethod(method string) error {
	switch {
	case !validMethod(method), hasFormat(method):
		return badMethod(method)
	case c.secrets.Holds(method):
		return &ParamsError{Param: "method", Problem: wouldShow}
	default:
		return nil
	}
}

// checkRequestID refuses an id of the caller that a request cannot have, or should not have.
func (c *client) checkRequestID(method string, o *callOptions) error {
	switch {
	case !o.hasRequestID:
		return nil
	case !validRequestID(o.requestID):
		return badRequestID(method)
	case c.secrets.InName(o.requestID):
		return &ParamsError{Method: method, Param: "request id", Problem: wouldShow}
	default:
		return nil
	}
}

// paramsError returns the error for the caller's parameters. It masks their names, which may
// contain a secret.
func (c *client) paramsError(method, param, problem string, err error) error {
	return &ParamsError{Method: method, Param: c.secrets.Text(param), Problem: c.secrets.Text(problem), Err: c.secrets.Error(err)}
}

// identify gives a write of REST 3.0 its Idempotency-Key, which allows a repeat after a lost
// answer. A call with WithoutRetry has one too, because the key identifies the call.
func (c *client) identify(q *query, o *callOptions) error {
	switch {
	case o.hasKey && !q.dialect.heedsKeys():
		return &ParamsError{Method: q.method, Param: "idempotency key", Problem: "only REST 3.0 supports one"}
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

// validKey also refuses blanks at the ends: HTTP removes them, and the rest is another key, or
// empty.
func validKey(key string) bool {
	return key != "" && len(key) <= longestKey && printable(key) && strings.TrimSpace(key) == key
}

func badKey(method string) error {
	return &ParamsError{
		Method: method, Param: "idempotency key",
		Problem: "it must be 1 to 255 printable ASCII characters, without leading or trailing spaces",
	}
}

// longestKey is the maximum length of an Idempotency-Key (docs/protocol.md 9.8).
const longestKey = 255

// checkValues finds values that would be sent as something else than they say:
//   - a Go map whose keys need an order: a map has no order, and encoding/json sorts its keys
//     (docs/protocol.md 2.3, 15). The arguments of positional methods would change places, and a
//     list would be sorted by another key first;
//   - a [Secret], whose text is ***;
//   - a [Multifield] in the form of the other API, and a text in the place of one, which the portal
//     drops (docs/protocol.md 16.23, 16.24);
//   - a file in the form of another method, which the portal drops (docs/protocol.md 16.40);
//   - a time with a fraction of a second, which REST 3.0 refuses, and others compare in their way.
func checkValues(method string, v any) error {
	byPosition := params.ByPosition(method)
	if !byPosition && harmless(v) {
		return nil
	}
	w := valueWalk{method: method, multifieldRows: takesMultifields(method)}
	if byPosition {
		w.arguments(method, v)
	} else {
		w.value(v)
	}
	if w.bad != nil {
		return w.bad
	}
	return nil
}

// harmless is a fast check that nothing in v needs a closer look, which is true of most calls. The
// rest is left to a valueWalk.
func harmless(v any) bool {
	switch v := v.(type) {
	case nil, string, bool, int, int64, float64, ID, Bool, DateTime, Date, Ref, []string, []int, []ID:
		return true
	case Params:
		for name, inner := range v {
			if matters(name) || !harmless(inner) {
				return false
			}
		}
		return true
	case Ordered:
		return !slices.ContainsFunc(v, func(p Pair) bool { return matters(p.Key) || !harmless(p.Value) })
	case []any:
		return !slices.ContainsFunc(v, func(inner any) bool { return !harmless(inner) })
	default:
		return !needsLook(reflect.TypeOf(v))
	}
}

// valueWalk walks through the parameters of a call.
type valueWalk struct {
	method         string
	multifieldRows bool // the method's fields have multifields
	path           []string
	bad            *params.Error
}

func (w *valueWalk) refuse(problem string) {
	if w.bad == nil {
		w.bad = &params.Error{Path: strings.Join(w.path, "."), Problem: problem}
	}
}

// arguments checks the parameters of a positional method: those in a map would be sorted by name.
func (w *valueWalk) arguments(method string, v any) {
	value := settled(reflect.ValueOf(v))
	switch {
	case value.Kind() == reflect.Map && value.Len() > 1:
		w.refuse("is a Go map, and the method takes its arguments by their position: write b24.Ordered, a struct or a list")
	case value.Kind() == reflect.Slice && value.Type() != reflect.TypeFor[Ordered]():
		if at := orderArgument(method); at >= 0 && at < value.Len() {
			w.order(value.Index(at), strconv.Itoa(at))
		}
		w.reflected(value)
	default:
		w.value(v)
	}
}

// orderArgument returns the position of the order among the arguments of a list method; -1: none.
func orderArgument(method string) int {
	switch name := strings.ToLower(method); {
	case !strings.HasSuffix(name, "list"):
		return -1
	case strings.HasPrefix(name, "task.item"):
		return 0
	default:
		return 1
	}
}

// value checks a value in the parameters. The most common types are checked without reflection.
func (w *valueWalk) value(v any) {
	switch v := v.(type) {
	case nil, string, bool, int, int64, float64, ID, Bool, DateTime, Date, Ref, []string, []int, []ID:
	case Params:
		for name, inner := range v {
			w.member(name, inner)
		}
	case Ordered:
		for _, pair := range v {
			w.member(pair.Key, pair.Value)
		}
	case []any:
		for i, inner := range v {
			w.element(i, inner)
		}
	case time.Time:
		if v.Nanosecond() != 0 {
			w.refuse("is a time with a fraction of a second, which the portal does not store: write b24.DateTimeOf(t)")
		}
	case Secret:
		w.refuse("is a b24.Secret, which would be sent as ***: write what its Reveal returns")
	case FileURL:
		w.refuse("is a b24.FileURL, which would be sent as ***: write what its Reveal returns")
	case door.Field:
		if problem := v.Misplaced(door.Method(w.method)); problem != "" {
			w.refuse(problem)
		}
	default:
		w.reflected(reflect.ValueOf(v))
	}
}

func (w *valueWalk) member(name string, v any) {
	w.path = append(w.path, name)
	if isOrder(name) {
		w.keys(reflect.ValueOf(v))
	}
	if want := multifieldsOf(name); want != notMultifields {
		w.multifields(v, want)
	}
	w.value(v)
	w.path = w.path[:len(w.path)-1]
}

func (w *valueWalk) element(i int, v any) {
	w.path = append(w.path, strconv.Itoa(i))
	w.value(v)
	w.path = w.path[:len(w.path)-1]
}

// order checks a value that is an order, whatever its name.
func (w *valueWalk) order(v reflect.Value, name string) {
	w.path = append(w.path, name)
	w.keys(v)
	w.path = w.path[:len(w.path)-1]
}

// keys refuses an order of several keys in a map.
func (w *valueWalk) keys(v reflect.Value) {
	if v = settled(v); v.Kind() == reflect.Map && v.Len() > 1 {
		w.refuse("is a Go map of " + strconv.Itoa(v.Len()) + " keys, which have no order in a map, but determine what is sorted by first: use b24.Ordered")
	}
}

// multifieldForm is the form of the multifields under a name.
type multifieldForm int

const (
	notMultifields multifieldForm = iota
	classicRows                   // their kind is the field's name
	itemRowsOfAll                 // all kinds are in one field
)

// multifieldsOf returns the form of the multifields that a field holds by its name.
func multifieldsOf(name string) multifieldForm {
	switch name {
	case "PHONE", "EMAIL", "WEB", "IM", "LINK":
		return classicRows
	case "fm":
		return itemRowsOfAll
	default:
		return notMultifields
	}
}

// takesMultifields reports whether the fields of a method include multifields.
func takesMultifields(method string) bool {
	switch strings.ToLower(method) {
	case "crm.lead.add", "crm.lead.update", "crm.contact.add", "crm.contact.update", "crm.company.add", "crm.company.update":
		return true
	default:
		return false
	}
}

// isText reports whether a value is a text or a list of texts.
func isText(v reflect.Value) bool {
	if v.Kind() == reflect.Slice && v.Len() > 0 {
		v = settled(v.Index(0))
	}
	return v.Kind() == reflect.String
}

// multifields refuses rows in the form of the other API: the portal drops them without an error.
func (w *valueWalk) multifields(v any, want multifieldForm) {
	value := settled(reflect.ValueOf(v))
	if !value.IsValid() || !value.CanInterface() {
		return
	}
	if want == classicRows && w.multifieldRows && len(w.path) == 2 && isText(value) {
		w.refuse(`is text, and the portal takes rows only, and would drop it: write b24.Rows[b24.Multifield]{{Value: "..."}}`)
		return
	}
	var rows []Multifield
	switch v := value.Interface().(type) {
	case Multifield:
		w.refuse("is one b24.Multifield, and the portal expects a list: write b24.Rows[b24.Multifield]{...}")
	case Rows[Multifield]:
		rows = v
	case []Multifield:
		rows = v
	}
	for i, m := range rows {
		row := "row " + strconv.Itoa(i)
		switch {
		case want == classicRows && m.Kind != "":
			w.refuse(row + ` has a Kind, which only fm of crm.item.* takes, and the portal would drop it: write m.In("")`)
		case want == itemRowsOfAll && m.Kind == "":
			w.refuse(row + ` has no Kind, and the portal would drop it: write m.In("PHONE"), or the Kind it has`)
		}
	}
}

// matters reports whether the name of a value decides what it may be.
func matters(name string) bool { return isOrder(name) || multifieldsOf(name) != notMultifields }

// isOrder reports whether methods take an order under this name.
func isOrder(name string) bool {
	for _, order := range [...]string{"order", "sort", "element_order", "iblock_order", "arorder", "arsort"} {
		if len(name) == len(order) && strings.EqualFold(name, order) {
			return true
		}
	}
	return false
}

// settled follows pointers and interfaces.
func settled(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// reflected is value for other types. It descends only where there can be a map.
func (w *valueWalk) reflected(v reflect.Value) {
	if v = settled(v); !v.IsValid() || w.bad != nil || !needsLook(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if name := entry.Key(); name.Kind() == reflect.String {
				w.member(name.String(), entry.Value().Interface())
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if element := v.Index(i); element.CanInterface() {
				w.element(i, element.Interface())
			}
		}
	case reflect.Struct:
		w.structure(v)
	default:
	}
}

func (w *valueWalk) structure(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[Secret](), reflect.TypeFor[FileURL](), reflect.TypeFor[time.Time]():
		if v.CanInterface() {
			w.value(v.Interface())
		}
		return
	}
	own := v.Type().Implements(reflect.TypeFor[json.Marshaler]())
	for field, inner := range v.Fields() {
		if own && field.Type == reflect.TypeFor[time.Time]() {
			continue // the type writes it in its own way
		}
		w.field(field, inner)
	}
}

func (w *valueWalk) field(field reflect.StructField, v reflect.Value) {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name == "-":
	case field.Anonymous && name == "":
		w.reflected(v) // its fields are those of the struct
	case field.IsExported():
		if name == "" {
			name = field.Name
		}
		w.member(name, v.Interface())
	}
}

//nolint:gochecknoglobals // caches facts about a reflect.Type; types do not change
var suspectsIn sync.Map

// needsLook reports whether a value of a type can contain a map, a time, a Secret, a
// FileURL or a Multifield.
func needsLook(t reflect.Type) bool {
	if known, ok := suspectsIn.Load(t); ok {
		return known == true
	}
	holds := holdsSuspect(t, 0)
	suspectsIn.Store(t, holds)
	return holds
}

func holdsSuspect(t reflect.Type, depth int) bool {
	const deep = 8 // deeper types, including recursive ones, are checked each time
	if depth > deep {
		return true
	}
	switch t.Kind() {
	case reflect.Map, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsSuspect(t.Elem(), depth+1)
	case reflect.Struct:
		switch t {
		case reflect.TypeFor[Secret](), reflect.TypeFor[FileURL](), reflect.TypeFor[Multifield](), reflect.TypeFor[time.Time]():
			return true
		case reflect.TypeFor[DateTime](), reflect.TypeFor[Date]():
			return false
		}
		for field := range t.Fields() {
			if holdsSuspect(field.Type, depth+1) {
				return true
			}
		}
		return false
	default:
		return false
	}
}
