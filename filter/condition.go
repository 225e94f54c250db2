package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Eq is field = value. What can be a value, here and in the other conditions:
// text, numbers, true and false, time.Time, whatever encodes itself as one of
// these (b24.DateTime, b24.Date), pointers to them, b24.Null of them, and an [Operand]. It is read
// at once, later changes to it do not matter. Anything else, nil, NaN and the
// zero moment make a condition that cannot be encoded, see [Node.Err].
func Eq(field string, value any) Node { return compare(named(field), "=", value) }

// Ne is field != value.
func Ne(field string, value any) Node { return compare(named(field), "!=", value) }

// Gt is field > value.
func Gt(field string, value any) Node { return compare(named(field), ">", value) }

// Ge is field >= value.
func Ge(field string, value any) Node { return compare(named(field), ">=", value) }

// Lt is field < value.
func Lt(field string, value any) Node { return compare(named(field), "<", value) }

// Le is field <= value.
func Le(field string, value any) Node { return compare(named(field), "<=", value) }

// In is true where field has one of the values. None may be nil or an
// [Operand]. See [InSlice] for values that are in a slice already.
func In(field string, value any, more ...any) Node {
	if len(more) == 0 && reflect.ValueOf(value).Kind() == reflect.Slice && !marshals(value) {
		return named(field).refuse("in", fmt.Errorf("a Go value of type %T is no single value, InSlice takes a slice", value))
	}
	return oneOf(named(field), append([]any{value}, more...))
}

// InSlice is [In] with the values of a slice. An empty one cannot be encoded:
// the portal refuses it.
func InSlice[T any](field string, values []T) Node {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return oneOf(named(field), list)
}

// Between is low <= field <= high, for numbers and moments. The bounds may be no
// [Operand]. As the portal takes no 0 for a bound of its own operator, a Between
// with one is encoded as two conditions.
func Between(field string, low, high any) Node {
	left := named(field)
	texts, err := encodeList([]any{low, high})
	if err != nil {
		return left.refuse("between", err)
	}
	return between(left, texts[0], texts[1])
}

func between(left operand, low, high string) Node {
	switch {
	case low == "null" || high == "null":
		return left.refuse("between", errNil())
	case isZero(low) || isZero(high):
		return And(left.condition(">=", low), left.condition("<=", high))
	}
	return left.condition("between", "["+low+","+high+"]")
}

// isZero tells what PHP's empty() says of a bound.
func isZero(text string) bool {
	if text == `"0"` || text == `""` || text == "false" {
		return true
	}
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n == 0
}

func oneOf(left operand, values []any) Node {
	if len(values) == 0 {
		return left.refuse("in", errors.New("no values are given"))
	}
	texts, err := encodeList(values)
	if nth := slices.Index(texts, "null"); nth >= 0 {
		err = fmt.Errorf("value %d: %w", nth+1, errNil())
	}
	if err != nil {
		return left.refuse("in", err)
	}
	return left.condition("in", "["+strings.Join(texts, ",")+"]")
}

func encodeList(values []any) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := encode(v)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		texts[i] = text
	}
	return texts, nil
}

func compare(left operand, operator string, value any) Node {
	if o, ok := value.(Operand); ok {
		right := o.side()
		if right.err != nil {
			return left.refuse(operator, right.err)
		}
		return left.condition(operator, right.text)
	}
	text, err := encode(value)
	if err == nil && text == "null" {
		err = errNil()
	}
	if err != nil {
		return left.refuse(operator, err)
	}
	return left.condition(operator, text)
}

func errNil() error { return errors.New("nil is no value to compare with") }

// operand is one side of a condition.
type operand struct {
	name string // of the field, for errors
	text string // JSON
	err  error
}

func named(field string) operand {
	return operand{name: field, text: quote(field), err: checkField(field)}
}

// checkField refuses what a portal cannot know as a field; an operator at the
// front is a habit of the classic API.
func checkField(field string) error {
	switch {
	case strings.TrimSpace(field) == "":
		return errors.New("the name of the field is empty")
	case !utf8.ValidString(field):
		return errors.New("the name of the field is no valid UTF-8")
	case strings.ContainsRune("=!<>%@", rune(field[0])):
		return errors.New("the name of the field begins with an operator, which belongs to the classic API")
	}
	return nil
}

func (o operand) condition(operator, value string) Node {
	if o.err != nil {
		return o.refuse(operator, o.err)
	}
	return Node{kind: condition, text: "[" + o.text + "," + quote(operator) + "," + value + "]"}
}

func (o operand) refuse(operator string, err error) Node {
	if o.err != nil {
		err = o.err
	}
	return Node{kind: condition, err: fmt.Errorf("%s %s: %w", strconv.Quote(o.name), operator, err)}
}

// Operand is a column or a length in a condition, made by [Column] or [Length].
// It stands in place of a value in [Eq], [Ne], [Gt], [Ge], [Lt] and [Le], or in
// place of the field by its methods. The zero Operand cannot be encoded.
type Operand struct {
	operand
}

// Column is the value that another field of the same row has.
func Column(field string) Operand { return expression("column", field) }

// Length is the length of the text in a field of the same row.
func Length(field string) Operand { return expression("length", field) }

func expression(name, field string) Operand {
	o := named(field)
	o.text = `{"expression":` + quote(name) + `,"parameters":` + o.text + `}`
	return Operand{o}
}

// Eq is o = value.
func (o Operand) Eq(value any) Node { return compare(o.side(), "=", value) }

// Ne is o != value.
func (o Operand) Ne(value any) Node { return compare(o.side(), "!=", value) }

// Gt is o > value.
func (o Operand) Gt(value any) Node { return compare(o.side(), ">", value) }

// Ge is o >= value.
func (o Operand) Ge(value any) Node { return compare(o.side(), ">=", value) }

// Lt is o < value.
func (o Operand) Lt(value any) Node { return compare(o.side(), "<", value) }

// Le is o <= value.
func (o Operand) Le(value any) Node { return compare(o.side(), "<=", value) }

func (o Operand) side() operand {
	if o.text == "" {
		return named("")
	}
	return o.operand
}
