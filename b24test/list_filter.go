package b24test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// condition is one entry of a filter, or with inner a level of entries.
type condition struct {
	predicate

	field  string
	op     string
	value  any
	inner  []condition
	either bool // one of inner is enough
	none   bool // inner must not match
	top    bool // inner is the whole filter
	open   bool // a row without the field matches too
}

func (c condition) match(row map[string]any) bool {
	if c.inner != nil {
		if c.either {
			return slices.ContainsFunc(c.inner, func(c condition) bool { return c.match(row) })
		}
		return matchAll(row, c.inner) != c.none
	}
	value := row[c.field]
	if value == false && isUser(c.field) {
		value = nil // a custom field that holds it is empty
	}
	if c.open && isEmpty(value) {
		return true
	}
	return c.predicate.match(value)
}

func matchAll(row map[string]any, list []condition) bool {
	return !slices.ContainsFunc(list, func(c condition) bool { return !c.match(row) })
}

// matcher reports whether a row meets all conditions; nil if there are none.
func matcher(list []condition) func(row map[string]any) bool {
	if len(list) == 0 {
		return nil
	}
	return func(row map[string]any) bool { return matchAll(row, list) }
}

// level is one level of a filter while it is read.
type level struct {
	*store

	top      bool
	original bool // custom fields have their names in capitals
	list     []condition
	either   bool
	none     bool
	void     bool // the whole level is ignored
}

// conditions reads a filter.
func (s *store) conditions(filter *php.Array, req Request) ([]condition, error) {
	top := level{store: s, top: true, original: s.fam.typed && php.Text(req.Params["useOriginalUfNames"]) == "Y"}
	if err := top.read(filter); err != nil {
		return nil, s.fam.answered(err)
	}
	switch {
	case top.void, top.either && s.fam.implies(req):
		return nil, nil
	case top.either && len(top.list) > 0:
		return []condition{{inner: top.list, either: true, top: true}}, nil
	}
	return append(top.list, s.standing(filter)...), nil
}

// standing returns the conditions that a method adds by itself, unless the filter has one of their
// keys.
func (s *store) standing(filter *php.Array) []condition {
	var list []condition
	for _, d := range s.fam.standing {
		asked := filter.Contains(func(k string, _ any) bool { return slices.Contains(d.unless, k) })
		if s.held[d.field] && !asked {
			c := equals(d.field, d.value)
			c.open = true
			list = append(list, c)
		}
	}
	return list
}

func (l *level) read(filter *php.Array) error {
	g := l.fam.grammar
	said := 0
	for key, value := range l.spelled(filter).All() {
		if g.isLogic(key, l.top) {
			if err := l.join(value); err != nil {
				return err
			}
			continue
		}
		said++
		if err := l.member(key, value); err != nil {
			return err
		}
	}
	if g.logic == logicTask && l.either && len(l.list) < said {
		l.list = nil // one of the alternatives is always true
	}
	return nil
}

// spelled leaves out each key that is another spelling of a later one, if the method converts all
// keys to one spelling before it reads them.
func (l *level) spelled(filter *php.Array) *php.Array {
	f := l.fam
	n, _ := f.namingOf(l.place(""))
	if n != namingAnyCase && n != namingCamel && n != namingItem {
		return filter
	}
	out, last := filter, map[subjectOf]string{}
	for key := range filter.All() {
		op, name := f.grammar.split(key)
		became := subjectOf{op: op, field: f.resolve(name, l.place(op))}
		if !l.has(became.field) {
			continue
		}
		if earlier, ok := last[became]; ok {
			out = out.Clone()
			out.Remove(earlier)
		}
		last[became] = key
	}
	return out
}

// subjectOf is the subject of a key of a filter.
type subjectOf struct{ op, field string }

// member reads a condition or a group.
func (l *level) member(key string, value any) error {
	g := l.fam.grammar
	inner, isList := value.(*php.Array)
	switch group := g.isGroup(key) && !g.strict; {
	case group && g.groups == groupsDropped && isList:
		l.remarkIgnored("filter", key, "a group of conditions, which the portal ignores")
		return nil
	case group && g.groups == groupsDropped, group && !isList && g.logic != logicTask:
		return nil
	case group && !isList:
		return badRequest("0", "Invalid filter value")
	case group:
		return l.group(inner)
	case key == "logic" && g.logic == logicExact && g.lists != nil:
		return l.fam.unknownField(key)
	}
	return l.entry(key, value)
}

// group reads a level inside this one; a level without conditions is ignored.
func (l *level) group(filter *php.Array) error {
	inner := level{store: l.store, original: l.original}
	if err := inner.read(filter); err != nil {
		return err
	}
	if len(inner.list) > 0 {
		l.list = append(l.list, condition{inner: inner.list, either: inner.either, none: inner.none})
	}
	return nil
}

// join records how the conditions of the level are joined. At the top an ORM checks only for AND
// and OR.
func (l *level) join(value any) error {
	word := php.Text(value)
	l.either = word == "OR"
	switch l.fam.grammar.logic {
	case logicTask:
		if word != "AND" && (word != "OR" || l.top) {
			return badRequest("0", "Unknown logic in filter")
		}
	case logicInner:
		l.either = l.either && !l.top
	case logicClassic:
		l.either = strings.EqualFold(word, "OR")
	default:
		l.void = l.top && word != "AND" && word != "OR"
		l.none = !l.top && word == "NOT"
	}
	return nil
}

// entry reads a condition, if the key is one.
func (l *level) entry(key string, value any) error {
	f := l.fam
	if f.grammar.logic == logicTask {
		key = strings.TrimLeft(key, " ")
	}
	op, name := f.grammar.split(key)
	if f.grammar.strict && (strange(name) != "" || name == "") {
		return f.wrongOperator(key, op+strange(name), value)
	}
	field, use, err := l.fieldOf(key, op, name)
	if use && err == nil {
		err = f.grammar.checkList(op, key, value)
	}
	switch {
	case err != nil || !use:
		return err
	case f.bindings && field == "BINDINGS":
		l.bindings(op, value)
		return nil
	case f.grammar.blind:
		op = ""
	}
	return l.condition(field, op, value)
}

// fieldOf returns the field of a key; use is false if the method ignores it.
func (l *level) fieldOf(key, op, name string) (field string, use bool, err error) {
	field, use, err = l.known(name, key, l.place(op))
	switch {
	case use || err != nil:
	case strange(name) != "":
		l.remarkIgnored("filter", key, "whose operator the method does not have: the portal ignores the condition")
	default:
		l.remarkUnknown("filter", name)
	}
	if !use || err != nil {
		return "", false, err
	}
	if slices.Contains(l.fam.owned, field) && (op != "" || !l.top) {
		return "", false, l.fam.unknownField(name)
	}
	if l.ignores(field, op) {
		l.remarkIgnored("filter", key, "by which the portal does not filter")
		return field, false, nil
	}
	return field, true, nil
}

// condition makes a condition of an entry, if the code behind the method does.
func (l *level) condition(field, op string, value any) error {
	g := l.fam.grammar
	of := subject{field: field, kind: l.kindOf(field)}
	if g.reading != nil {
		read, use := g.reading(value, of)
		if !use {
			return nil
		}
		value = read
	}
	if l.fam.convertsMoments() && l.traitOf(field).moment {
		return l.momentCondition(op, value, of)
	}
	p, use, err := g.engine(op, value, of)
	if use && err == nil {
		l.list = append(l.list, condition{field: field, op: op, value: value, predicate: p})
	}
	return err
}

// wrongOperator returns the error for a key with an operator that a strict method does not know. A
// positional method treats the empty text as no filter at all.
func (f *family) wrongOperator(key, op string, value any) error {
	switch {
	case f.positions != nil && key == "0" && value == "":
		return nil
	case f.positions != nil:
		return wrongKey(key)
	}
	return badRequest("ERROR_ARGUMENT", "Filter operation not allowed: "+op)
}

// place returns the place of a name in the level.
func (l *level) place(op string) place {
	switch {
	case !l.top && l.fam.grammar.logic == logicSnake:
		return inGroup
	case op != "" && l.fam.naming[inFilter] == namingItem && !l.original:
		return inCondition
	}
	return inFilter
}

// ignores reports whether a filter may not have a known field, or not with this operator.
func (l *level) ignores(field, op string) bool {
	f := l.fam
	return f.filterable != nil && !slices.Contains(f.filterable, field) ||
		op != "" && l.top && slices.Contains(f.bare, field) || slices.Contains(f.ignored, field)
}

// bindings reads the filter of crm.activity.list that names owners: one of them is enough. An owner
// without a type is ignored.
func (l *level) bindings(op string, value any) {
	list, _ := value.(*php.Array)
	either := condition{either: true}
	for i := 0; op == "" && i < list.Len(); i++ {
		owner := list.Inner(strconv.Itoa(i))
		typeID, id := owner.Int("OWNER_TYPE_ID"), owner.Int("OWNER_ID")
		if typeID <= 0 {
			continue
		}
		both := condition{inner: []condition{equals("BINDINGS.OWNER_TYPE_ID", php.Number(typeID))}}
		if id > 0 {
			both.inner = append(both.inner, equals("BINDINGS.OWNER_ID", php.Number(id)))
		}
		either.inner = append(either.inner, both)
	}
	if len(either.inner) > 0 {
		l.list = append(l.list, either)
	}
}

// equals returns a condition of the method itself: a value, or one of several.
func equals(field string, value any) condition {
	wants := wanted(value, kindText)
	return condition{field: field, op: "=", value: value, predicate: predicate{
		one: func(v any) bool { return slices.ContainsFunc(wants, func(w any) bool { return same(v, w) }) },
	}}
}

// compares returns such a condition with another operator.
func compares(op, field string, value any) condition {
	if op == "" || op == "=" {
		return equals(field, value)
	}
	return condition{field: field, op: op, value: value, predicate: predicate{one: isBy(op, toText(value))}}
}

// same reports whether two values are equal to a method that compares by itself.
func same(a, b any) bool {
	return strings.EqualFold(toText(stored(a)), toText(stored(b))) || compare(stored(a), stored(b)) == 0
}
