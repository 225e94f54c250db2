package b24test

import (
	"slices"
	"unicode/utf8"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// truth is the logic of SQL: a comparison with a missing value is neither true nor false.
type truth int

const (
	no truth = iota
	unsure
	yes
)

// node3 is a part of a filter: a condition or a group.
type node3 struct {
	cond     *cond3
	nodes    []node3
	either   bool
	negative bool
}

// cond3 is a condition; in and between have several values.
type cond3 struct {
	left   side3
	op     string
	right  side3
	values []any
}

// side3 is a side of a condition: a value, or a field or its length.
type side3 struct {
	value  any
	field  string
	length bool
}

// holds reports whether a filter finds a row: it does not if the result is neither true nor false.
func (n node3) holds(row map[string]any) bool { return n.match(row) == yes }

func (n node3) match(row map[string]any) truth {
	if n.cond != nil {
		return n.cond.match(row)
	}
	got := yes
	if n.either && len(n.nodes) > 0 {
		got = no
	}
	for _, inner := range n.nodes {
		if n.either {
			got = max(got, inner.match(row))
		} else {
			got = min(got, inner.match(row))
		}
	}
	if n.negative {
		return yes - got
	}
	return got
}

func (c *cond3) match(row map[string]any) truth {
	left := c.left.of(row)
	if left == nil {
		return unsure
	}
	switch c.op {
	case "in":
		got := no
		for _, v := range c.values {
			got = max(got, testV3("=", left, v))
		}
		return got
	case "between":
		return min(testV3(">=", left, c.values[0]), testV3("<=", left, c.values[1]))
	default:
		return testV3(c.op, left, c.right.of(row))
	}
}

func (s side3) of(row map[string]any) any {
	if s.field == "" {
		return s.value
	}
	v := row[s.field]
	if s.length && v != nil {
		return php.Number(utf8.RuneCountInString(php.Text(v)))
	}
	return v
}

func testV3(op string, left, right any) truth {
	_, isList := left.(*php.Array)
	if right == nil || isList {
		return unsure
	}
	if holds(op, compare(left, right)) {
		return yes
	}
	return no
}

// fieldNames returns the fields that a filter has conditions on.
func (n node3) fieldNames() []string {
	if n.cond != nil && !n.cond.left.length {
		return []string{n.cond.left.field}
	}
	var names []string
	for _, inner := range n.nodes {
		names = append(names, inner.fieldNames()...)
	}
	return names
}

// filterArg reads the argument filter as the portal does (docs/protocol.md 9.3).
func (c call3) filterArg() (node3, error) {
	v, ok := c.arg("filter")
	if !ok {
		return node3{}, nil
	}
	a, ok := v.(*php.Array)
	if !ok {
		return node3{}, invalidFilter("Unknown filter condition")
	}
	return c.table.group(a)
}

// isGroup3 distinguishes a group from a condition by its keys.
func isGroup3(a *php.Array) bool {
	return slices.ContainsFunc([]string{"type", "logic", "conditions", "negative"}, func(name string) bool {
		_, ok := a.Isset(name)
		return ok
	})
}

func (t *table3) group(a *php.Array) (n node3, err error) {
	if !isGroup3(a) {
		return t.simple(a)
	}
	if logic, ok := a.Isset("logic"); ok {
		if logic != "and" && logic != "or" {
			return n, invalidFilter(php.Object("logic", logic))
		}
		n.either = logic == "or"
	}
	if negative, ok := a.Isset("negative"); ok {
		if n.negative, ok = negative.(bool); !ok {
			return n, invalidFilter(php.Object("negative", negative))
		}
	}
	list, ok := a.Isset("conditions")
	conditions, isArray := list.(*php.Array)
	if !ok || !isArray {
		return n, invalidFilter(a)
	}
	for _, v := range conditions.All() {
		inner, err := t.inner(v)
		if err != nil {
			return n, err
		}
		n.nodes = appendNode(n.nodes, inner)
	}
	return n, nil
}

// appendNode leaves out nodes without conditions.
func appendNode(nodes []node3, n node3) []node3 {
	if n.cond == nil && len(n.nodes) == 0 {
		return nodes
	}
	return append(nodes, n)
}

// inner reads an element of a group: a group inside it must be marked as one.
func (t *table3) inner(v any) (node3, error) {
	a, ok := v.(*php.Array)
	if !ok {
		return node3{}, phpErrorV3("fillStructure(): Argument #1 ($filterItem) must be of type array")
	}
	if isGroup3(a) {
		switch kind, _ := a.Get("type"); kind {
		case "filter":
		case "condition":
			return node3{}, phpErrorV3("Condition::__construct(): Argument #2 ($operator) must be of type Operator, string given")
		default:
			return node3{}, invalidFilter(a)
		}
	}
	return t.group(a)
}

// simple reads a list of nodes, or a condition.
func (t *table3) simple(a *php.Array) (n node3, err error) {
	if a.Len() == 0 {
		return n, nil
	}
	first, _ := a.Get("0")
	if list, ok := first.(*php.Array); ok && !isExpressionV3(list) {
		for _, v := range a.All() {
			item, ok := v.(*php.Array)
			if !ok {
				return n, phpErrorV3("fillStructure(): Argument #1 ($filterItem) must be of type array")
			}
			inner, err := t.group(item)
			if err != nil {
				return n, err
			}
			n.nodes = appendNode(n.nodes, inner)
		}
		return n, nil
	}
	cond, err := t.condition(a)
	return node3{cond: cond}, err
}

func isExpressionV3(a *php.Array) bool {
	_, ok := a.Isset("expression")
	return ok
}

func (t *table3) condition(a *php.Array) (*cond3, error) {
	if !a.IsList() || a.Len() < 2 || a.Len() > 3 {
		return nil, invalidFilter("Unknown filter condition")
	}
	parts := a.List()
	value := parts[len(parts)-1]
	op := "="
	if list, ok := value.(*php.Array); ok && len(parts) == 2 && !isExpressionV3(list) {
		op = "in"
	}
	if len(parts) == 3 {
		var ok bool
		if op, ok = parts[1].(string); !ok {
			return nil, phpErrorV3("validateOperator(): Argument #1 ($operator) must be of type string")
		}
	}
	if !slices.Contains([]string{"=", "!=", ">", ">=", "<", "<=", "in", "between"}, op) {
		return nil, errorV3("UNKNOWNFILTEROPERATOREXCEPTION", "Unknown filter operator `"+op+"`")
	}
	c := &cond3{op: op}
	if err := t.left(c, parts[0]); err != nil {
		return nil, err
	}
	return c, t.right(c, value)
}

// left reads the field of a condition, or the expression instead of it.
func (t *table3) left(c *cond3, v any) (err error) {
	if a, ok := v.(*php.Array); ok {
		c.left, err = t.expression(a)
		return err
	}
	c.left = side3{field: php.Text(v)}
	return t.filterable(c.left.field)
}

func (t *table3) filterable(field string) error {
	f, ok := t.fields[field]
	switch {
	case !ok:
		return unknownProperty(t.entity, field)
	case f.NoFilter:
		return invalidRequest(b24.FieldError{
			Field: field, Message: "Field `" + field + "` of `" + dtoName(t.entity) + "` requires the attribute `Filterable`",
		})
	}
	return nil
}

func (t *table3) expression(a *php.Array) (side3, error) {
	name, _ := a.Get("expression")
	field, _ := a.Get("parameters")
	if list, ok := field.(*php.Array); ok {
		field, _ = list.Get("0")
	}
	if name != "column" && name != "length" {
		return side3{}, invalidFilter(a)
	}
	s := side3{field: php.Text(field), length: name == "length"}
	return s, t.filterable(s.field)
}

// right reads the value a field is compared with and checks its type.
func (t *table3) right(c *cond3, v any) (err error) {
	list, isList := v.(*php.Array)
	if isList && isExpressionV3(list) {
		if c.op == "in" || c.op == "between" {
			return invalidFilter(list)
		}
		c.right, err = t.expression(list)
		return err
	}
	switch {
	case c.op != "in" && c.op != "between":
		if isList {
			return invalidFilter(`Operator "` + c.op + `" cannot be used with array values.`)
		}
		c.right.value = v
		return t.check(c.left, v)
	case !isList:
		return invalidFilter(`Operator "` + c.op + `" requires an array value.`)
	case c.op == "between":
		err = t.checkBetween(c.left, list)
	default:
		err = t.checkIn(c.left, list)
	}
	for _, v := range list.All() {
		c.values = append(c.values, v)
	}
	return err
}

// check refuses a value that does not have the type of its field. For an expression any type is
// accepted.
func (t *table3) check(left side3, v any) error {
	kind := t.fields[left.field].Type
	if left.length || kind.takes(v) {
		return nil
	}
	return wrongType(left.field, kind)
}

func (t *table3) checkIn(left side3, list *php.Array) error {
	for _, v := range list.All() {
		if _, ok := v.(*php.Array); ok {
			return invalidFilter(`Operator "in" requires an array with scalar or null items.`)
		}
		if err := t.check(left, v); err != nil {
			return err
		}
	}
	if list.Len() == 0 {
		return phpErrorV3("Mysql query error: (1064) You have an error in your SQL syntax")
	}
	return nil
}

func (t *table3) checkBetween(left side3, list *php.Array) error {
	if list.Len() != 2 || !list.IsList() {
		return invalidFilter(`Operator "between" requires an array only with 2 items.`)
	}
	kind := t.fields[left.field].Type
	if !slices.Contains([]TypeV3{IntV3, FloatV3, DateTimeV3, DateV3}, kind) {
		return invalidFilter(`You are can not use operator "between" for dto field "` + left.field + `" with type ` + string(kind) + `.`)
	}
	for _, v := range list.All() {
		if !php.Truthy(v) { // PHP's empty(): the portal does not accept 0 as a bound
			return invalidFilter(`Operator "between" should be used with compatible types for this field "` + left.field + `".`)
		}
		if err := t.check(left, v); err != nil {
			return err
		}
	}
	return nil
}
